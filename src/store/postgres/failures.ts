import { type ErrorCode, SignalboxError } from '../../errors.ts';

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const DISK_FULL = '53100';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

/** How often a statement is run that the database gave up in favour of another one. */
const TRIES = 5;

/** The connection ended while this was under way: whether it was done, nobody said. */
export class OutcomeUnknown extends SignalboxError {
  constructor(where: string, reason: string) {
    super('STORE_FAILED', `the connection to ${where} was lost before it answered: ${reason}`);
    this.name = 'OutcomeUnknown';
  }
}

/** A statement that the database refused: nothing of it was done. */
export function refused(where: string, error: unknown): SignalboxError {
  const isFull = codeOf(error) === DISK_FULL;
  const code: ErrorCode = isFull ? 'STORE_FULL' : 'STORE_FAILED';
  return new SignalboxError(code, isFull ? `no room left in ${where}` : `${where} refused a statement`, {
    hint: isFull ? 'Make room there; nothing was changed.' : 'Nothing was changed.',
    cause: error,
  });
}

/** Why it was refused, by PostgreSQL's five characters; undefined when it was not the database that said no. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof SignalboxError ? codeOf(error.cause) : undefined;
}

/** Those of pg have one as `code`, as errors of Node.js have another. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Runs a statement again that met others in an order in which not all could go on. */
export async function again<T>(statement: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await statement();
    } catch (error) {
      const state = sqlState(error);
      if ((state !== SERIALIZATION_FAILURE && state !== DEADLOCK_DETECTED) || tries >= TRIES) throw error;
    }
  }
}
