import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { onCleanup } from '../cleanup.ts';

/** Why a running process can't be given a limit here; undefined where it can. */
export const noLimits = whyNone();

/**
 * Leaves a running process so many file descriptors beyond those it has open, as if somebody had used up the rest. Gives back
 * how to end that.
 */
export function leaveDescriptors(pid: number, count: number): () => void {
  const before = readLimit(pid);
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  // The limit is one of numbers: those that are free below it are what can be had.
  let limit = 0;
  for (let free = 0; free < count || open.has(limit); limit++) if (!open.has(limit)) free++;
  setLimit(pid, limit);
  return () => setLimit(pid, before);
}

/** Connections that say nothing, each of which costs whoever takes it a descriptor. Those that are refused are left out. */
export async function connectSilently(port: number, count: number): Promise<Socket[]> {
  const sockets = await Promise.all(Array.from({ length: count }, () => silent(port)));
  const open = sockets.filter((socket) => socket !== undefined);
  onCleanup(() => {
    for (const socket of open) socket.destroy();
  });
  return open;
}

function silent(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => resolve(socket));
    socket.on('error', () => resolve(undefined));
  });
}

function setLimit(pid: number, soft: number): void {
  execFileSync('prlimit', ['--pid', `${pid}`, `--nofile=${soft}:`]);
}

function readLimit(pid: number): number {
  return Number(
    execFileSync('prlimit', ['--pid', `${pid}`, '--nofile', '--output=SOFT', '--noheadings', '--raw'], {
      encoding: 'utf8',
    }),
  );
}

function whyNone(): string | undefined {
  try {
    readLimit(process.pid);
    return undefined;
  } catch {
    return 'prlimit(1) of util-linux is missing';
  }
}
