import { describeError, SignalboxError } from '../errors.ts';
import type { CheckLine } from './offline-proxy.ts';

/** A check without its name. */
export type CheckResult = Omit<CheckLine, 'name'>;

/** What a look throws is what is wrong. */
export async function attempt(name: string, look: () => Promise<CheckResult>): Promise<CheckLine> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    // What a daemon does about a refusal is no hint here.
    const mend = error instanceof SignalboxError && error.code !== 'PROXY_REFUSED_CONFIG';
    return { name, result: 'failed', message: describeError(error), hint: mend ? error.hint : undefined };
  }
}
