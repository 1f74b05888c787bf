import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tools } from './run.mjs';

/**
 * Lets only one process of this clone install at a time: `npm test` beside `npm run quickstart` would otherwise have two
 * `npm ci` delete each other's node_modules. The file appears with its pid in it (link(2)), so a lock that a killed
 * process left behind can always be told from one that is held.
 * @template T
 * @param {(line: string) => void} progress
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetupLock(progress, work) {
  mkdirSync(tools, { recursive: true });
  const lock = join(tools, 'setup.lock');
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    for (let told = false; !take(mine, lock); told = true) {
      const holder = pidIn(lock);
      if (holder !== undefined && !isAlive(holder)) rmSync(lock, { force: true });
      else if (!told)
        progress(`waiting for another setup of this clone (process ${holder ?? 'unknown'}, .tools/setup.lock)`);
      await sleep(200);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(/** @type {string} */ mine, /** @type {string} */ lock) {
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

function pidIn(/** @type {string} */ lock) {
  try {
    return Number(readFileSync(lock, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
