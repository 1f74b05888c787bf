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
    log.info(fields(), 'done by a person');
    return result;
  } catch (error) {
    log.warn({ ...fields(), reason: (error as Error).message }, 'wanted by a person, and not done');
    throw error;
  }
}

/** The most bytes that the daemon takes of an actor. */
const MOST_BYTES = 200;
const VIA = ' via dashboard';

/** A viewer as the daemon is told of them, in a header: ASCII alone, so all else in a name is percent-encoded. */
export function actorOf({ name }: Viewer): string {
  const parts = [...name.toWellFormed()].map((char) => (/^[ -$&-~]$/.test(char) ? char : encodeURIComponent(char)));
  let text = '';
  for (const part of parts) {
    if (text.length + part.length > MOST_BYTES - VIA.length) break;
    text += part;
  }
  return text.trim() + VIA;
}
