import type { Machine } from '../machine/describe.ts';
import type { Figures } from '../measures/section.ts';

/** All that one run gave; the page has it as data, and is made of nothing else. */
export interface Results {
  readonly date: string;
  readonly minutes: number;
  /** Programs that wanted a core just before the run; other programs make figures worse. */
  readonly busyBefore: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** The first one is what the others are compared with. */
  readonly contenders: readonly {
    readonly name: string;
    readonly title: string;
    /** One a round. */
    readonly rounds: readonly Figures[];
  }[];
  readonly missing: readonly string[];
}
