import { createHash } from "node:crypto";
import type {
  HttpRequest,
  HttpResponse,
  SendRequest,
} from "../../../functions/platform/http/send-request.ts";
import { type Answer, jsonAnswer, textAnswer } from "../../../infra/sandbox/answer.ts";
import type { Call } from "../../../infra/sandbox/call.ts";
import type { Account } from "../../../infra/sandbox/constant-contact/account.ts";
import { errorAnswer, gatewayAnswer } from "../../../infra/sandbox/constant-contact/error-answer.ts";
import { answerCall } from "../../../infra/sandbox/constant-contact/routes.ts";
import { shiftPage } from "../../../infra/sandbox/constant-contact/shift-page.ts";
import type { Chance } from "../chance.ts";
import type { Invocation } from "../invocation.ts";
import { type Fault, failureFor, faults, httpAnswer, preventsEffect } from "../network-faults.ts";
import type { SimulatedTime } from "../simulated-time.ts";

const host = "https://provider.invalid";
export const baseUrl = `${host}/v3`;
export const tokenUrl = `${host}/oauth2/default/v1/token`;

interface NetworkListener {
  /** A request is sent. */
  onSent(invocation: Invocation, call: Call): void;
  /** A request arrives, just before the provider handles it. */
  onArrival(invocation: Invocation, call: Call): void;
  /** The provider has handled a request. */
  onHandled(invocation: Invocation, call: Call, answer: Answer): void;
  /** An answer has reached the function as the provider gave it. */
  onDelivered(invocation: Invocation, call: Call, answer: Answer): void;
}

interface NetworkOptions extends NetworkListener {
  readonly chance: Chance;
  readonly time: SimulatedTime;
  readonly account: Account;
}

/** The network between the functions and the provider, which is the sandbox's own account. */
export class AccountNetwork {
  failureRate = 0;
  /** How many contacts a page has at the most; undefined as many as are asked for. */
  pageRows: number | undefined;
  readonly #options: NetworkOptions;
  readonly #hash = createHash("sha256");

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Equal if all requests and their answers are. */
  get digest(): string {
    return this.#hash.copy().digest("hex");
  }

  sendFor(invocation: Invocation): SendRequest {
    return async (request, signal) => {
      await invocation.step();
      signal.throwIfAborted();
      const call = this.#callOf(request);
      this.#options.onSent(invocation, call);
      const answered = Promise.withResolvers<HttpResponse>();
      const stop = () => answered.reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      this.#dispatch(call, invocation, answered);
      try {
        return await answered.promise;
      } finally {
        signal.removeEventListener("abort", stop);
        await invocation.step();
      }
    };
  }

  #dispatch(call: Call, invocation: Invocation, answered: PromiseWithResolvers<HttpResponse>): void {
    const { chance, time, onArrival, onHandled, onDelivered } = this.#options;
    const fault = chance.happens(this.failureRate) ? chance.pick(faults) : undefined;
    const backMs = fault === "late" ? chance.between(60_000, 90_000) : chance.between(5, 100);
    time.after(chance.between(5, 100), () => {
      if (fault === "refused" || fault === "reset") answered.reject(failureFor(fault));
      const isHandled = !preventsEffect(fault);
      if (isHandled) onArrival(invocation, call);
      const answer = isHandled ? this.#handle(call, fault) : this.#interfere(fault);
      this.#hash.update(`${time.now()} ${call.method} ${call.path} ${call.text}`);
      for (const part of answer.body) this.#hash.update(part);
      if (isHandled) onHandled(invocation, call, answer);
      if (fault?.startsWith("silence")) return;
      time.after(backMs, () => {
        if (fault === "lost") return answered.reject(failureFor(fault));
        if (fault === "unavailable, though it was done")
          return answered.resolve(httpAnswer(errorAnswer(502, "Not now"), fault));
        if (isHandled && fault !== "cut short") onDelivered(invocation, call, answer);
        answered.resolve(httpAnswer(answer, fault));
      });
    });
  }

  /** The answer given in place of the provider's. */
  #interfere(fault: Fault | undefined): Answer {
    switch (fault) {
      case "unauthorized":
        return gatewayAnswer(401, "unauthorized", "Unauthorized");
      case "throttled":
      case "throttled with Retry-After":
        return gatewayAnswer(429, "throttled", "Too Many Requests");
      case "garbage":
        return textAnswer("text/html", "<html>We will be back soon</html>");
      case "wrong shape":
        return jsonAnswer({ unexpected: true });
      default:
        return errorAnswer(this.#options.chance.pick([500, 502, 503, 504]), "Not now");
    }
  }

  #handle(call: Call, fault: Fault | undefined): Answer {
    const { account, chance } = this.#options;
    const kind = chance.pick(["repeatRows", "skipRows"] as const);
    return answerCall(fault === "shifted page" ? shiftPage(call, { kind }) : call, account);
  }

  #callOf({ method, url, headers, body }: HttpRequest): Call {
    const { pathname, searchParams } = new URL(url);
    const path = pathname.replace(/^\/v3/, "");
    const query = Object.fromEntries(searchParams);
    const isFirstPage = path === "/contacts" && query["cursor"] === undefined;
    if (isFirstPage && this.pageRows !== undefined) query["limit"] = String(this.pageRows);
    return {
      method,
      path,
      query,
      headers: headers ?? {},
      ip: "127.0.0.1",
      text: body ?? "",
      body: body?.startsWith("{") ? JSON.parse(body) : undefined,
    };
  }
}
