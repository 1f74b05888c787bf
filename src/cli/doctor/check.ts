import type { Scene } from './scene.ts';

export type Result = 'ok' | 'warn' | 'fail' | 'skipped';

/** What a check has found. */
export interface Finding {
  readonly result: Result;
  /** What is so, or for a skipped check why it was not looked at. */
  readonly message: string;
  /** How to mend it; with `warn` and `fail`. */
  readonly mend?: string;
}

/** Looks at one thing that may be wrong. Throws only for what is a bug: everything else is a finding. */
export type Check = (scene: Scene) => Finding | Promise<Finding>;

export const ok = (message: string): Finding => ({ result: 'ok', message });
export const skipped = (message: string): Finding => ({ result: 'skipped', message });
export const warn = (message: string, mend: string): Finding => ({ result: 'warn', message, mend });
export const fail = (message: string, mend: string): Finding => ({ result: 'fail', message, mend });
