import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SignalboxError } from '../../../src/errors.ts';
import { type Mark, ownProcesses } from '../../../src/process/own.ts';
import { Supervised } from '../../../src/process/supervised.ts';
import type { SupervisedSpec } from '../../../src/process/supervised-spec.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { freePort } from '../../support/ports.ts';
import { isAlive } from '../../support/process-tree.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

let counter = 0;

/** A program that serves when it has written `ready`, unless told otherwise. */
async function scene(script = 'touch ready; exec -a "$NAME" sleep 600') {
  const dir = makeTempDir();
  const name = `signalbox-test-${process.pid}-${++counter}`;
  const mark: Mark = ({ uid, command }) => uid() === process.geteuid?.() && command.startsWith(name);
  const said: string[] = [];
  const exits: string[] = [];
  const spec: SupervisedSpec = {
    name: 'program',
    dir,
    pidFile: join(dir, 'pid'),
    listen: { host: '127.0.0.1', port: await freePort() },
    mark,
    ends: ['SIGTERM'],
    startMs: 5_000,
    closeMs: 200,
    differs: async () => undefined,
    accepting: async (own) => own,
    launch: () => launch(script, dir, name),
    // Not before it has its name, which comes after the file.
    serves: async () => existsSync(join(dir, 'ready')) && ownProcesses(mark).length > 0,
    takeRefusals: () => [],
    log: { info: (_, text) => void said.push(text), warn: (_, text) => void said.push(text) },
    onExit: (reason) => void exits.push(reason),
  };
  const make = (more: Partial<SupervisedSpec> = {}) => {
    const supervised = new Supervised({ ...spec, ...more });
    onCleanup(() => supervised.kill());
    return supervised;
  };
  return { dir, make, said, exits, pid: () => Number(readFileSync(join(dir, 'pid'), 'utf8')) };
}

function launch(script: string, cwd: string, name: string): ChildProcess {
  const child = spawn('bash', ['-c', script, name], {
    cwd,
    env: { ...process.env, NAME: name },
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  return child;
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: SignalboxError) => error.code,
  );

describe('a program that is supervised', () => {
  it('is started, and up when it serves; its end is told', async () => {
    const { make, said, exits, pid } = await scene();
    const supervised = make();
    await supervised.prepare();
    await supervised.ensureUp();
    expect(supervised).toMatchObject({ up: true, restarts: 0 });
    expect(said).toEqual(['program started']);
    process.kill(pid(), 'SIGKILL');
    await until(() => exits.length > 0, { what: 'its end to be told' });
    expect(exits).toEqual(['program ended unexpectedly (SIGKILL)']);
    expect(supervised.up).toBe(false);
    await supervised.ensureUp();
    expect(supervised).toMatchObject({ up: true, restarts: 1 });
    await supervised.stop(0);
    expect(supervised.own()).toEqual([]);
    expect(exits).toHaveLength(1);
  });

  it('that ends at once does not like what it was given, if it says so', async () => {
    const { make } = await scene('exit 3');
    await expect(make().ensureUp()).rejects.toMatchObject({
      code: 'PROXY_DOWN',
      message: 'program did not start: it ended with status 3',
    });
    await expect(make({ takeRefusals: () => ['no such thing'] }).ensureUp()).rejects.toMatchObject({
      code: 'PROXY_REFUSED_CONFIG',
      message: 'program did not start: no such thing',
    });
  });

  it('that can not be started is a failure and no crash', async () => {
    const { make } = await scene();
    const missing = () => spawn('/no/such/program', [], { stdio: 'ignore' });
    await expect(make({ launch: missing }).ensureUp()).rejects.toThrow('spawn /no/such/program ENOENT');
  });

  it('that never serves is killed', async () => {
    const { make } = await scene('exec -a "$NAME" sleep 600');
    const supervised = make({ startMs: 300 });
    await expect(supervised.ensureUp()).rejects.toMatchObject({
      code: 'PROXY_DOWN',
      message: 'program did not start: no answer within 0.3 s',
    });
    await until(() => supervised.own().length === 0, { what: 'it to be gone' });
  });

  it('of which is known that it never will serve is not waited for, and what was done for its start is undone', async () => {
    const { make } = await scene('exec -a "$NAME" sleep 600');
    let undone = 0;
    const supervised = make({
      serves: () => Promise.reject(new SignalboxError('PROXY_REFUSED_CONFIG', 'it says no')),
      afterStart: () => void undone++,
    });
    await expect(supervised.ensureUp()).rejects.toThrow('it says no');
    expect(undone).toBe(1);
    await until(() => supervised.own().length === 0, { what: 'it to be gone' });
  });
});

describe('a program that an earlier daemon left', () => {
  it('is taken over as it is, and watched', async () => {
    const { make, said, exits, pid } = await scene('touch ready; trap "" USR1; exec -a "$NAME" sleep 600');
    await make().ensureUp();
    const left = pid();
    const next = make();
    await next.ensureUp();
    expect(next.process?.pid).toBe(left);
    expect(said.at(-1)).toBe('took over the program that was running');
    process.kill(left, 'SIGKILL');
    await until(() => exits.some((reason) => reason.includes('taken over')), { what: 'its end to be seen' });
    expect(next.up).toBe(false);
  });

  it.each([
    [
      'differs from what would be started',
      async (): Promise<string> => 'is another one',
      'is another one: it is replaced',
    ],
    ['does not serve', (): Promise<string> => Promise.reject(new Error('silence')), 'does not serve: it is replaced'],
  ] as const)('is replaced when it %s', async (_, differs, why) => {
    const { make, said, pid } = await scene();
    await make().ensureUp();
    const left = pid();
    const next = make({ differs });
    await next.ensureUp();
    expect(next.process?.pid).not.toBe(left);
    expect(isAlive(left)).toBe(false);
    expect(said.some((text) => text.endsWith(why))).toBe(true);
    await next.stop(0);
  });

  it('is not looked for under a number that somebody else has got', async () => {
    const { make, dir } = await scene();
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
    onCleanup(() => stranger.kill('SIGKILL'));
    writeFileSync(join(dir, 'pid'), `${stranger.pid}\n`);
    const supervised = make();
    expect(supervised.tell('SIGUSR1')).toBe(false);
    await supervised.ensureUp();
    expect(supervised.process?.pid).not.toBe(stranger.pid);
    await supervised.stop(1_000);
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  });

  it('is left to finish its connections once it takes no new ones', async () => {
    const { make, pid } = await scene('touch ready; trap "" TERM; exec -a "$NAME" sleep 600');
    await make().ensureUp();
    const left = pid();
    const next = make({
      differs: async () => 'is another one',
      accepting: async (own, told) => own.filter((one) => !told.has(one.pid)),
    });
    await next.ensureUp();
    expect(isAlive(left)).toBe(true);
    await next.stop(0);
    expect(isAlive(left)).toBe(false);
  });
});

describe('a stop', () => {
  it('waits for the end that it asks for', async () => {
    const { make, dir } = await scene();
    const supervised = make();
    await supervised.ensureUp();
    await supervised.stop(60_000);
    expect(supervised.own()).toEqual([]);
    expect(existsSync(join(dir, 'pid'))).toBe(false);
    expect(await code(supervised.ensureUp())).toBe('SHUTTING_DOWN');
  });

  it('is cut short by another one', async () => {
    const { make } = await scene('touch ready; trap "" TERM; exec -a "$NAME" sleep 600');
    const supervised = make();
    await supervised.ensureUp();
    const slow = supervised.stop(60_000);
    await supervised.stop(0);
    await slow;
    expect(supervised.own()).toEqual([]);
  });

  it('amid a start ends that, too', async () => {
    const { make } = await scene('exec -a "$NAME" sleep 600');
    const supervised = make();
    const start = code(supervised.ensureUp());
    await until(() => supervised.own().length > 0, { what: 'it to be there' });
    await supervised.stop(0);
    expect(await start).toBe('SHUTTING_DOWN');
    expect(supervised.own()).toEqual([]);
  });
});
