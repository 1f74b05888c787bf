import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, getPriority, loadavg, release, totalmem } from 'node:os';
import { root } from '../../../scripts/setup/run.mjs';
import { VERSION } from '../../../src/version.ts';
import { canPin } from './cores.ts';

/** What the figures depend on besides the contenders. Nothing in it tells whose machine it is. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly kernel: string;
  /** Had the contender a core for itself? */
  readonly pinned: boolean;
  /** Of all that belongs to the run, as of `nice`: below 0 it goes before other programs. */
  readonly priority: number;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    processor: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: systemName(),
    kernel: release(),
    pinned: canPin,
    priority: getPriority(),
  };
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  } catch {
    return 'Linux';
  }
}

/** How many programs wanted a core in the last minute. */
export function busyness(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

/** Signalbox as it was measured: `0.1.0, commit 1234567`, with a word when files had been changed since. */
export function signalboxVersion(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain', '--', 'src', 'templates') === '' ? '' : ' and changes';
    return `${VERSION}, commit ${git('rev-parse', '--short', 'HEAD')}${changed}`;
  } catch {
    return VERSION;
  }
}
