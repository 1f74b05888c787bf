import type { Logger } from 'pino';
import type { Viewer } from './viewer.ts';

/** An action of a person, for the log. */
export interface Deed {
  readonly action: string;
  readonly viewer: Viewer;
  /** What it is about: a route, a server. */
  readonly about?: Readonly<Record<string, string>>;
  /** What was there before; without secrets. */
  readonly before?: string;
}

/** Says who did what, and what came of it; a failure is thrown on. */
export async function audited<T>(
  log: Pick<Logger, 'info' | 'warn'>,
  deed: () => Deed,
  act: () => Promise<T>,
): Promise<T> {
  const fields = () => {
    const { action, viewer, about, before } = deed();
    return { action, actor: viewer.name, ...about, ...(before !== undefined && { before }) };
  };
  try {
    const result = await act();
    log.info(fields(), 'a person has done something');
    return result;
  } catch (error) {
    log.warn({ ...fields(), reason: (error as Error).message }, 'a person could not do something');
    throw error;
  }
}

/** The most bytes that the daemon takes of an actor. */
const MOST_BYTES = 200;
const VIA = ' via dashboard';

/** A viewer as the daemon is told of them, in a header: UTF-8, whose bytes Node writes where they are given as Latin-1. */
export function actorOf({ name }: Viewer): string {
  const bytes = Buffer.from(name.replace(/\p{Cc}/gu, '').trim()).subarray(0, MOST_BYTES - VIA.length);
  // A character that is cut in two is left out.
  const whole = new TextDecoder().decode(bytes, { stream: true });
  return Buffer.from(whole + VIA).toString('latin1');
}
