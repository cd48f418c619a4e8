import type { Row } from "../answer.ts";

const windowMs = 60_000;
const maxPerIp = 5;
const maxTotal = 10;

interface OptInForm {
  readonly trackingKey: string;
  readonly formKey: string;
  readonly listId?: number | undefined;
}

/** The double opt-in: its rate limit, and the readers who have yet to confirm. */
export class OptIns {
  readonly form: OptInForm;
  readonly pending: Row[] = [];
  readonly #now: () => Date;
  #recent: { readonly ip: string; readonly at: number }[] = [];

  constructor(form: OptInForm, now: () => Date) {
    this.form = form;
    this.#now = now;
  }

  /** False beyond 5 requests from an IP or 10 altogether within a minute; a refused request is not counted. */
  admits(ip: string): boolean {
    const at = this.#now().getTime();
    this.#recent = this.#recent.filter((request) => at - request.at < windowMs);
    const fromIp = this.#recent.filter((request) => request.ip === ip).length;
    if (fromIp >= maxPerIp || this.#recent.length >= maxTotal) return false;
    this.#recent.push({ ip, at });
    return true;
  }
}
