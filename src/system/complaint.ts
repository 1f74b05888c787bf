/** How often a persistent failure is logged, ms. */
export const REPEAT_MS = 60_000;

/** Decides when something that keeps failing is logged: at first, for a new reason, then once a minute. */
export class Complaint {
  #reason: string | undefined;
  #saidAt = 0;

  isNews(reason: string, now: number): boolean {
    const news = reason !== this.#reason || now - this.#saidAt >= REPEAT_MS;
    this.#reason = reason;
    if (news) this.#saidAt = now;
    return news;
  }

  end(): void {
    this.#reason = undefined;
  }
}
