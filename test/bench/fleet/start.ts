import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Signalbox } from '../../support/signalbox.ts';
import { untilSettled } from './scene.ts';

/** Seconds from the start of the program until its proxy serves all routes. */
export interface Starts {
  /** nginx's folder is empty. */
  readonly fresh: number;
  readonly again: number;
}

export async function measureStarts(daemon: Signalbox, routes: number): Promise<Starts> {
  await daemon.stop('SIGTERM', 60_000);
  // Not removed: for a minute ext4 looks at each inode that was freed before it takes a new one.
  renameSync(join(daemon.stateDir, 'nginx'), join(daemon.stateDir, 'nginx-before'));
  const fresh = await secondsToServe(daemon, routes);
  await daemon.stop('SIGTERM', 60_000);
  return { fresh, again: await secondsToServe(daemon, routes) };
}

async function secondsToServe(daemon: Signalbox, routes: number): Promise<number> {
  const since = performance.now();
  await daemon.restart();
  await untilSettled(daemon, routes);
  return (performance.now() - since) / 1000;
}
