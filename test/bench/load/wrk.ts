import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '../../support/process.ts';
import { makeTempDir } from '../../support/tmp.ts';
import type { Wrk } from './find-wrk.ts';

export interface LoadFigures {
  readonly requests: number;
  readonly seconds: number;
}

const CONNECTIONS = 32;

/** Asks for these paths in turn, on connections that stay open, as fast as they are answered. Every answer must be a 200. */
export async function runLoad(wrk: Wrk, url: string, paths: readonly string[], seconds: number): Promise<LoadFigures> {
  const file = join(makeTempDir('signalbox-bench-'), 'paths.txt');
  writeFileSync(file, paths.join('\n'));
  const script = join(import.meta.dirname, 'paths.lua');
  const flags = ['--threads', '1', '--connections', `${CONNECTIONS}`, '--duration', `${seconds}s`, '--timeout', '10s'];
  const { code, output } = await runProcess(wrk.path, [...flags, '--script', script, url, '--', file], {
    env: wrk.env,
    timeout: (seconds + 20) * 1000,
  });
  const [, requests, microseconds, refused, broken] = /RESULT (\d+) (\d+) (\d+) (\d+)/.exec(output) ?? [];
  if (code !== 0 || requests === undefined) throw new Error(`wrk: ${output}`);
  if (refused !== '0' || broken !== '0') {
    throw new Error(`of ${requests} requests ${refused} got an error as answer, ${broken} got none`);
  }
  return { requests: Number(requests), seconds: Number(microseconds) / 1e6 };
}
