import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { SignalboxError } from '../errors.ts';
import type { SupervisedSpec } from './supervised-spec.ts';

/** Why it does not serve, and whether it ended by itself. */
export interface Failure {
  readonly ended: boolean;
  readonly reason: string;
}

const POLL_MS = 5;

/** Waits for a program that was just started; undefined when it serves. Rejects with what `serves` throws as a SignalboxError. */
export async function untilServing(
  child: ChildProcess,
  { serves, startMs }: Pick<SupervisedSpec, 'serves' | 'startMs'>,
): Promise<Failure | undefined> {
  let reason: string | undefined;
  child.once('error', (error) => {
    reason = error.message;
  });
  child.once('exit', (code, signal) => {
    reason = `it ended with ${signal ?? `status ${code}`}`;
  });
  const deadline = Date.now() + startMs;
  while (Date.now() < deadline) {
    if (reason !== undefined) return { ended: true, reason };
    try {
      if (await serves()) return undefined;
    } catch (error) {
      if (error instanceof SignalboxError) throw error;
    }
    await delay(POLL_MS);
  }
  return { ended: false, reason: `no answer within ${startMs / 1000} s` };
}
