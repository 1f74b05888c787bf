/** Somebody who was sent to the Hub to sign in. */
export interface PendingLogin {
  /** Where they wanted to go. */
  readonly next: string;
  /** Of PKCE: shows that who comes back with a code is who asked for it. */
  readonly verifier: string;
}

/** How long one may take to sign in, with a password manager, a phone, and an identity provider elsewhere. */
export const PENDING_MS = 10 * 60_000;
/** Who merely asks for the page, as the Hub's own check does each minute, begins one as well. */
const MOST = 1_000;

/** The sign-ins that have begun, by their `state`. */
export class PendingLogins {
  readonly #byState = new Map<string, PendingLogin & { readonly since: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(state: string, login: PendingLogin): void {
    this.#byState.set(state, { ...login, since: this.#now() });
    const [oldest] = this.#byState.keys();
    if (this.#byState.size > MOST && oldest !== undefined) this.#byState.delete(oldest);
  }

  /** Once: whoever comes with the same state again has begun nothing. */
  take(state: string): PendingLogin | undefined {
    const login = this.#byState.get(state);
    this.#byState.delete(state);
    return login !== undefined && this.#now() - login.since <= PENDING_MS ? login : undefined;
  }
}
