import type { Row } from "../answer.ts";

const minuteMs = 60_000;
const perIp = 5;
const inAll = 10;

interface OptInForm {
  trackingKey: string;
  formKey: string;
  listId?: number | undefined;
}

/** The double opt-in: its rate limit, and the confirmations that are awaited. */
export class OptIns {
  readonly form: OptInForm;
  readonly pending: Row[] = [];
  readonly #now: () => Date;
  #recent: { ip: string; at: number }[] = [];

  constructor(form: OptInForm, now: () => Date) {
    this.form = form;
    this.#now = now;
  }

  /** False beyond 5 requests of an IP or 10 in all within a minute; a refused request is not counted. */
  admits(ip: string): boolean {
    const at = this.#now().getTime();
    this.#recent = this.#recent.filter((request) => at - request.at < minuteMs);
    const fromIp = this.#recent.filter((request) => request.ip === ip).length;
    if (fromIp >= perIp || this.#recent.length >= inAll) return false;
    this.#recent.push({ ip, at });
    return true;
  }
}
