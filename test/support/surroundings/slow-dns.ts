import { createSocket, type RemoteInfo } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../cleanup.ts';
import { runProcess } from '../process.ts';
import { makeTempDir } from '../tmp.ts';

/** A name server of the test's own that can be slow or silent. */
export interface SlowDns {
  /** Names that were asked for, in order; again for each try. */
  readonly asked: readonly string[];
  /** Does it answer at all? It does at first. */
  silent: boolean;
  /** Runs a program whose resolver asks this name server alone: in a mount namespace, so that the machine's is never touched. */
  readonly wrap: readonly [string, ...string[]];
}

/** Why there can be none here; undefined where there can. Goes into the reason of a test that is skipped. */
export async function noSlowDns(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'resolv.conf of its own takes Linux';
  const [command, ...args] = inNamespace(resolvConf('127.0.0.1'));
  const allowed = (await runProcess(command, [...args, '/bin/true'])).code === 0;
  return allowed ? undefined : 'a resolv.conf of its own takes root';
}

let started = 0;

/** Every name has the address 127.0.0.1. */
export async function startSlowDns(): Promise<SlowDns> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  const dns = { asked, silent: false };
  socket.on('message', (query: Buffer, client: RemoteInfo) => {
    asked.push(nameIn(query));
    if (!dns.silent) socket.send(answerTo(query), client.port, client.address);
  });
  // resolv.conf knows no ports, but loopback has many addresses.
  const address = `127.${50 + ++started}.${process.pid & 255}.${(process.pid >> 8) & 255}`;
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject).bind(53, address, resolve);
  });
  onCleanup(() => socket.close());
  return Object.assign(dns, { wrap: inNamespace(resolvConf(address)) });
}

function resolvConf(address: string): string {
  const file = join(makeTempDir(), 'resolv.conf');
  writeFileSync(file, `nameserver ${address}\n`);
  return file;
}

function inNamespace(file: string): [string, ...string[]] {
  return ['unshare', '-m', '/bin/sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"', file];
}

const HEAD_BYTES = 12;

/** RFC 1035, 4.1: labels, each behind its length, up to an empty one. */
function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = HEAD_BYTES; query[at]; at += 1 + (query[at] as number)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] as number)));
  }
  return labels.join('.');
}

function answerTo(query: Buffer): Buffer {
  const endOfName = query.indexOf(0, HEAD_BYTES) + 1;
  const isA = query.readUInt16BE(endOfName) === 1;
  const head = Buffer.from(query.subarray(0, HEAD_BYTES));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(isA ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  // A pointer to the name in the question; A, IN, a minute, four bytes.
  const record = Buffer.from([0xc0, HEAD_BYTES, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
  return Buffer.concat([head, query.subarray(HEAD_BYTES, endOfName + 4), isA ? record : Buffer.alloc(0)]);
}
