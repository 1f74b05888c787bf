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
}
