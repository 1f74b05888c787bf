import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run, tools, which } from './run.mjs';

const START_MS = 30_000;

/** Does an engine answer? */
export async function engineAnswers() {
  return (await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 })).ok;
}

/**
 * Starts an engine where one is installed and none runs, as on a machine without an init system.
 * @param {(line: string) => void} progress
 * @returns {Promise<(() => Promise<void>) | undefined>} ends it again.
 */
export async function startEngine(progress) {
  const dockerd = which('dockerd');
  if (dockerd === undefined || process.getuid?.() !== 0 || (await engineAnswers())) return undefined;
  mkdirSync(tools, { recursive: true });
  const log = join(tools, 'dockerd.log');
  const fd = openSync(log, 'w');
  progress(`starting ${dockerd} for the tests (log: ${log})`);
  // In a group of its own: a Ctrl-C for the tests lets them clean up first.
  const child = spawn(dockerd, { detached: true, stdio: ['ignore', fd, fd] });
  closeSync(fd);
  const ended = new Promise((done) => child.once('close', done).once('error', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await delay(200)) {
    if (await engineAnswers()) return stop;
  }
  progress(`dockerd did not answer within ${START_MS / 1000} s`);
  await stop();
  return undefined;
}
