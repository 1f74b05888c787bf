import { parseDuration } from '../config/duration.ts';
import { SignalboxError } from '../errors.ts';
import type { Option } from './options.ts';

/** The option of commands that look again and again. */
export const INTERVAL = {
  value: 'DURATION',
  about: 'How often to look: 500ms, 2s, 1m.',
  default: '1s',
} as const satisfies Option;

const LEAST_MS = 50;

/** Milliseconds. */
export function readInterval(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < LEAST_MS) {
    throw new SignalboxError('BAD_CONFIG', `--interval: found ${JSON.stringify(text)}, want ${LEAST_MS}ms or more`);
  }
  return ms;
}
