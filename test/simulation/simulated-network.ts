import type { HttpRequest, HttpResponse, SendRequest } from "../../functions/platform/http/send-request.ts";
import { type Answer, jsonAnswer, textAnswer } from "../../infra/sandbox/answer.ts";
import type { Call } from "../../infra/sandbox/call.ts";
import type { Account } from "../../infra/sandbox/ownpage/account.ts";
import { errorAnswer } from "../../infra/sandbox/ownpage/error-answer.ts";
import type { AppliedWrite } from "./applied-write.ts";
import type { Chance } from "./chance.ts";
import type { FussyProvider } from "./fussy-provider.ts";
import type { Invocation } from "./invocation.ts";
import { type Fault, failureFor, faults, httpAnswer, preventsEffect } from "./network-faults.ts";
import type { ProviderRecorder } from "./provider-recorder.ts";
import type { SimulatedTime } from "./simulated-time.ts";

/** An answer that reaches the function, and the write that it reports, if any. */
interface Delivery {
  readonly answer: HttpResponse;
  readonly write?: AppliedWrite | undefined;
}

interface Dispatch {
  readonly request: HttpRequest;
  readonly invocation: Invocation;
  readonly sentAt: number;
}

export interface NetworkOptions {
  readonly chance: Chance;
  readonly time: SimulatedTime;
  readonly account: Account;
  readonly provider: FussyProvider;
  readonly recorder: ProviderRecorder;
  /** Called just before a write of these addresses arrives. */
  beforeWrite(emails: readonly string[]): void;
}

/** The network between the function and the provider, which is the sandbox's own account. */
export class SimulatedNetwork {
  failureRate = 0;
  /** How often a reader opts out while a write of the same address is on its way. */
  overtakingRate = 0;
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  sendFor(invocation: Invocation): SendRequest {
    return async (request, signal) => {
      await invocation.step();
      signal.throwIfAborted();
      this.#options.recorder.onSent(invocation, callOf(request));
      const answered = Promise.withResolvers<Delivery>();
      const stop = () => answered.reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      this.#dispatch(request, invocation, answered);
      try {
        const { answer, write } = await answered.promise;
        if (write !== undefined) write.isAnswered = true;
        return answer;
      } finally {
        signal.removeEventListener("abort", stop);
        await invocation.step();
      }
    };
  }

  #dispatch(request: HttpRequest, invocation: Invocation, answered: PromiseWithResolvers<Delivery>): void {
    const { chance, time } = this.#options;
    const fault = chance.happens(this.failureRate) ? chance.pick(faults) : undefined;
    const backMs = fault === "late" ? chance.between(60_000, 90_000) : chance.between(5, 100);
    const isSilent = fault === "silence" || fault === "silence, though it was done";
    const sentAt = time.now();
    time.after(chance.between(5, 100), async () => {
      if (fault === "refused" || fault === "reset") answered.reject(failureFor(fault));
      const answer = preventsEffect(fault)
        ? this.#interfere(fault)
        : await this.#handle({ request, invocation, sentAt }, fault);
      if (answer.status === 401) this.#options.recorder.onUnauthorized(invocation, callOf(request));
      if (isSilent) return;
      time.after(backMs, () => {
        if (fault === "lost") answered.reject(failureFor(fault));
        else answered.resolve(this.#deliver(answer, fault));
      });
    });
  }

  #deliver(answer: Answer, fault: Fault | undefined): Delivery {
    if (fault === "unavailable, though it was done")
      return { answer: httpAnswer(errorAnswer(502, "Not now"), fault) };
    this.#options.recorder.onDelivered(answer);
    const write = fault === "cut short" ? undefined : this.#options.recorder.writeOf(answer);
    return { answer: httpAnswer(answer, fault), write };
  }

  /** The answer given in place of the provider's. */
  #interfere(fault: Fault | undefined): Answer {
    if (fault === "unauthorized") this.#options.account.tokens.expireAll();
    switch (fault) {
      case "unauthorized":
        return errorAnswer(401, "Unauthorized");
      case "throttled":
      case "throttled with Retry-After":
        return errorAnswer(429, "Too many requests");
      case "garbage":
        return textAnswer("text/html", "<html>We will be back soon</html>");
      case "wrong shape":
        return jsonAnswer({ unexpected: true });
      default:
        return errorAnswer(this.#options.chance.pick([500, 502, 503, 504]), "Not now");
    }
  }

  async #handle({ request, invocation, sentAt }: Dispatch, fault: Fault | undefined): Promise<Answer> {
    const { account, provider, recorder, chance } = this.#options;
    const call = callOf(request);
    if (fault === "shifted page" && call.query["count"] !== undefined) {
      const offset = Number(call.query["offset"] ?? 0) + chance.pick([-1, 1]);
      call.query["offset"] = String(Math.max(0, offset));
    }
    if (Array.isArray(call.body) && chance.happens(this.overtakingRate)) {
      this.#options.beforeWrite(call.body.map(({ email }) => email));
    }
    return recorder.record({ invocation, call, sentAt }, () => provider.answer(call, account));
  }
}

function callOf({ method, url, headers, body }: HttpRequest): Call {
  const { pathname, searchParams } = new URL(url);
  return {
    method,
    path: pathname.replace(/^\/v1/, ""),
    query: Object.fromEntries(searchParams),
    headers: headers ?? {},
    ip: "127.0.0.1",
    text: body ?? "",
    body: body === undefined ? undefined : JSON.parse(body),
  };
}
