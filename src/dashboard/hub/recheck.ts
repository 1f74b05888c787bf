import { SignalboxError } from '../../errors.ts';
import type { Session } from '../sessions.ts';
import type { Viewer } from '../viewer.ts';

/** How long an answer of the Hub counts, ms. */
const GOOD_MS = 60_000;
/** How long pages go on without the Hub, ms: just then one looks. */
const WITHOUT_HUB_MS = 5 * 60_000;
/** A Hub that is away is not asked for each poll of each page, ms. */
const PAUSE_MS = 5_000;

interface Seen {
  /** The Hub's session cookie; it changes when the person logs out or in there, also where only the Hub is told of it. */
  hubSession: string | undefined;
  failed?: { readonly at: number; readonly error: unknown };
  asking?: Promise<Viewer | undefined>;
}

export interface RecheckOptions {
  whoIs(token: string): Promise<Viewer | undefined>;
  readonly now?: () => number;
}

/**
 * Looks again, now and then, at who the person of a session is. Only ever for a request of theirs: the Hub takes the use of a person's token
 * for their activity.
 */
export class Recheck {
  readonly #whoIs: RecheckOptions['whoIs'];
  readonly #now: () => number;
  readonly #seen = new WeakMap<Session, Seen>();

  constructor({ whoIs, now = Date.now }: RecheckOptions) {
    this.#whoIs = whoIs;
    this.#now = now;
  }

  /** `hubSession`: of the request that the session began with. */
  begin(session: Session, hubSession: string | undefined): void {
    this.#seen.set(session, { hubSession });
  }

  async viewer(session: Session, hubSession: string | undefined, fresh: boolean): Promise<Viewer | undefined> {
    const seen = this.#seen.get(session);
    const token = session.viewer.hub?.token;
    if (seen === undefined || token === undefined) return undefined;
    const isSame = hubSession === seen.hubSession;
    if (!fresh && isSame && this.#now() - session.checked < GOOD_MS) return session.viewer;
    if (!fresh && seen.failed !== undefined && this.#now() - seen.failed.at < PAUSE_MS) {
      return this.#withoutHub(session, seen.failed.error);
    }
    try {
      const viewer = await (fresh || !isSame ? this.#ask(session, token) : this.#askOnce(seen, session, token));
      seen.hubSession = hubSession;
      delete seen.failed;
      return viewer;
    } catch (error) {
      seen.failed = { at: this.#now(), error };
      if (fresh) throw error;
      return this.#withoutHub(session, error);
    }
  }

  /** A page asks several things at once. An action, or who has logged out, never counts on a question that was asked before. */
  #askOnce(seen: Seen, session: Session, token: string): Promise<Viewer | undefined> {
    seen.asking ??= this.#ask(session, token).finally(() => delete seen.asking);
    return seen.asking;
  }

  async #ask(session: Session, token: string): Promise<Viewer | undefined> {
    const asked = this.#now();
    const viewer = await this.#whoIs(token);
    if (viewer !== undefined && asked >= session.checked) {
      session.viewer = viewer;
      session.checked = asked;
    }
    return viewer;
  }

  #withoutHub(session: Session, error: unknown): Viewer {
    const isAway = error instanceof SignalboxError && error.code === 'HUB_UNREACHABLE';
    if (isAway && this.#now() - session.checked < WITHOUT_HUB_MS) return session.viewer;
    throw error;
  }
}
