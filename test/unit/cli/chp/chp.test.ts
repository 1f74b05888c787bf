import { existsSync } from 'node:fs';
import { beforeEach, expect, it, vi } from 'vitest';
import { main } from '../../../../src/cli/main.ts';
import type { Config } from '../../../../src/config/schema.ts';
import { SignalboxError } from '../../../../src/errors.ts';
import { freePort } from '../../../support/ports.ts';

const runDaemon = vi.hoisted(() => vi.fn());
vi.mock('../../../../src/daemon.ts', () => ({ runDaemon }));

async function run(argv: string[], env: NodeJS.ProcessEnv = { HOME: '/home/ann' }) {
  let out = '';
  let err = '';
  const code = await main(['chp', ...argv], { env, out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

const port = String(await freePort());

beforeEach(() => {
  runDaemon.mockReset();
  runDaemon.mockResolvedValue(2);
});

it.each([['--help'], ['-h'], ['--port', '1', '--help']])('%s shows the help on stdout', async (...argv) => {
  const { code, out, err } = await run(argv);
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('SYNOPSIS\n    signalbox chp [OPTIONS]\n');
  expect(runDaemon).not.toHaveBeenCalled();
});

it.each(['--version', '-V'])('%s shows the version on stdout', async (flag) => {
  expect(await run([flag])).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/), err: '' });
});

it('a wrong command line is exit code 1, on stderr, and nothing is started', async () => {
  const { code, out, err } = await run(['--unknown']);
  expect([code, out]).toEqual([1, '']);
  expect(err).toBe('signalbox: --unknown: is no option\nhint: signalbox chp --help lists every option\n');
  expect(runDaemon).not.toHaveBeenCalled();
});

it('runs the daemon in a folder of its own, which is there meanwhile and gone afterwards', async () => {
  let folder = '';
  runDaemon.mockImplementation(async ({ stateDir }: Config) => {
    folder = stateDir;
    expect(existsSync(stateDir)).toBe(true);
    return 2;
  });
  expect((await run(['--port', port, '--ip', '*'])).code).toBe(2);
  expect(existsSync(folder)).toBe(false);
  expect(runDaemon).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ public: { host: '*', port: Number(port) } }),
    [expect.stringContaining('all interfaces')],
    { exitCodeAfterSignal: 2 },
  );
});

it('removes the folder after a failure too, and exits with 1', async () => {
  let folder = '';
  runDaemon.mockImplementation(async ({ stateDir }: Config) => {
    folder = stateDir;
    throw new SignalboxError('PORT_TAKEN', 'taken');
  });
  expect(await run(['--port', port])).toMatchObject({ code: 1, err: 'signalbox: taken\n' });
  expect(existsSync(folder)).toBe(false);
});

it('leaves a folder that was given alone', async () => {
  await run(['--state-dir', '/no/such/folder']);
  expect(runDaemon.mock.calls[0]?.[0]).toMatchObject({ stateDir: '/no/such/folder' });
});
