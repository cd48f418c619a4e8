import type { Release } from "../semaphore.ts";
import type { HttpFault } from "./http-fault.ts";
import type { HttpRequest, HttpResponse } from "./send-request.ts";

/** One call of a provider's API. A POST is retried like a GET: ours set a state, so that sending one twice is harmless. */
export interface HttpCall<T> extends Omit<HttpRequest, "headers" | "body"> {
  /** A function is called for each attempt, after that of the body. */
  readonly headers?: HttpRequest["headers"] | (() => Promise<HttpRequest["headers"]>);
  /** A function is called for each attempt; an error that it throws ends the call. */
  readonly body?: string | (() => Promise<string>) | undefined;
  /** The call's name in messages: `GET /newsletters/lists/{list}/subscribers`. */
  readonly endpoint: string;
  /** Stops the call at once, whatever it is doing; the signal's reason is thrown unchanged. */
  readonly signal: AbortSignal;
  /** When Lambda ends the function, in ms since the epoch: no attempt or wait goes beyond it. */
  readonly deadline?: number | undefined;
  /** Whether the caller itself repeats an earlier call: then its first request counts as a retry, too. */
  readonly repeats?: boolean;
  /** Waits for the permit of an attempt, which is released at the latest when the attempt is over. */
  readonly acquire?: (() => Promise<Release>) | undefined;
  /** Called before each request. */
  readonly onSend?: (() => void) | undefined;
  /** Reads the body of a 2xx response, as part of the attempt: a body that is cut short is requested again. */
  readonly read: (response: HttpResponse) => Promise<T>;
  /** Makes the error for a status that is not retried. @default ProviderRefusalError */
  readonly refused?: (status: number, body: string) => Error;
  /**
   * Makes the error of a throttled request (429) from its fault and its body: an HttpFault is retried, any other error ends
   * the call. @default the fault, the body unread
   */
  readonly throttled?: ((fault: HttpFault, body: string) => Error) | undefined;
  /** When to stop trying before the client's retries are used up. A request that is throttled is not stopped by it. */
  readonly patience?: Patience | undefined;
  /** Whether what is sent may be why the call fails: said by its ProviderUnavailableError. @default false */
  readonly mayBeRows?: boolean | undefined;
}

/** How long a failing call is worth repeating. */
export interface Patience {
  /** The most attempts. @default as many as the client makes */
  readonly attempts?: number;
  /** How long after the first attempt the last one may begin, in ms. */
  readonly ms: number;
}
