import { describeError, SignalboxError } from '../errors.ts';
import type { CheckLine } from './offline-proxy.ts';

/** A line of `signalbox check`, without its name. */
export type CheckResult = Omit<CheckLine, 'name'>;

/** Runs one check; an error that it throws becomes a failed line. */
export async function attempt(name: string, look: () => Promise<CheckResult>): Promise<CheckLine> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    // The hint of a refusal says what the daemon does about it, which does not apply here.
    const mend = error instanceof SignalboxError && error.code !== 'PROXY_REFUSED_CONFIG';
    return { name, result: 'failed', message: describeError(error), hint: mend ? error.hint : undefined };
  }
}
