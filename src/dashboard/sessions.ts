import { randomBytes } from 'node:crypto';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Viewer } from './viewer.ts';

/** A person's session, in memory alone. */
export interface Session {
  /** 256 bits, in a cookie. */
  readonly id: string;
  /** As they were when last looked at. */
  viewer: Viewer;
  /** When that was, ms since 1970. */
  checked: number;
  /** What pages of this session show, by `Signalbox-Page`. */
  readonly pageToken: string;
}

/** All sessions. */
export interface Sessions {
  /** Begins a new one with a new id, and sets its cookie. The one that the request had is forgotten. */
  begin(request: FastifyRequest, reply: FastifyReply, viewer: Viewer): Session;
  of(request: FastifyRequest): Session | undefined;
  end(session: Session): void;
  /** What every cookie of the dashboard is set with: for it alone, and out of reach of scripts. */
  cookie(request: FastifyRequest): CookieSerializeOptions & { readonly secure: boolean };
}

/** However much it is used: a stolen cookie is worth nothing the next day. */
export const MOST_MS = 12 * 3_600_000;
/** A page that is open, and seen, asks every few seconds. */
export const IDLE_MS = 2 * 3_600_000;
const MOST = 2_000;

export interface SessionOptions {
  /** Where the cookie goes to. */
  readonly path: string;
  readonly isSecure: (request: FastifyRequest) => boolean;
  readonly now?: () => number;
}

export class MemorySessions implements Sessions {
  /** The one that was used longest ago first. */
  readonly #byId = new Map<string, Session & { readonly since: number; used: number }>();
  readonly #options: SessionOptions;
  readonly #now: () => number;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  begin(request: FastifyRequest, reply: FastifyReply, viewer: Viewer): Session {
    for (const id of this.#idsOf(request)) this.#byId.delete(id);
    const now = this.#now();
    const [id, pageToken] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
    const session = { id, viewer, checked: now, pageToken, since: now, used: now };
    this.#byId.set(id, session);
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > MOST && oldest !== undefined) this.#byId.delete(oldest);
    const cookie = this.cookie(request);
    reply.setCookie(this.#name(cookie.secure), id, cookie);
    return session;
  }

  of(request: FastifyRequest): Session | undefined {
    const now = this.#now();
    for (const id of this.#idsOf(request)) {
      const session = this.#byId.get(id);
      if (session === undefined) continue;
      this.#byId.delete(id);
      if (now - session.since > MOST_MS || now - session.used > IDLE_MS) continue;
      session.used = now;
      this.#byId.set(id, session);
      return session;
    }
    return undefined;
  }

  end({ id }: Session): void {
    this.#byId.delete(id);
  }

  cookie(request: FastifyRequest): CookieSerializeOptions & { readonly secure: boolean } {
    const { path, isSecure } = this.#options;
    // Not strict: who signs in at the Hub comes back from there, which may be another site.
    return { path, httpOnly: true, sameSite: 'lax', secure: isSecure(request) };
  }

  /** A name that browsers let nobody else on the domain set, where there is one to be had. */
  #name(secure: boolean): string {
    return secure && this.#options.path === '/' ? '__Host-signalbox-session' : 'signalbox-session';
  }

  /**
   * All that came under that name: a page of a user on the same origin can add one for a path of its own, and that must not
   * hide ours.
   */
  #idsOf(request: FastifyRequest): string[] {
    const name = this.#name(this.#options.isSecure(request));
    const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
    return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
  }
}
