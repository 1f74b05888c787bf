import { beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { envName, isFileOnly, KEYS } from '../../../src/config/schema.ts';
import { SignalboxError } from '../../../src/errors.ts';

const runDaemon = vi.hoisted(() => vi.fn());
vi.mock('../../../src/daemon.ts', () => ({ runDaemon }));

/** Runs a command line and shows what a user would see. */
async function run(argv: string[], env: NodeJS.ProcessEnv = { HOME: '/home/ann' }) {
  let out = '';
  let err = '';
  const code = await main(argv, { env, out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

beforeEach(() => {
  runDaemon.mockReset();
  runDaemon.mockResolvedValue(0);
});

describe('help', () => {
  it.each([[['--help']], [['-h']], [['help']]])('%j lists the commands', async (argv) => {
    const { code, out, err } = await run(argv);
    expect(code).toBe(0);
    expect(out).toMatch(/^Signalbox .*\n\nUsage: signalbox COMMAND/);
    expect(out).toMatch(/^ {2}serve +run the daemon/m);
    expect(err).toBe('');
  });

  it.each([[['serve', '--help']], [['serve', '-h']], [['help', 'serve']], [['serve', '--driver', 'x', '--help']]])(
    '%j lists every option with its variable, kind and default',
    async (argv) => {
      const { code, out } = await run(argv);
      expect(code).toBe(0);
      for (const key of KEYS.filter((one) => !isFileOnly(one))) {
        expect(out).toMatch(new RegExp(`--(\\[no-\\])?${key}\\b`));
        expect(out).toContain(envName(key));
      }
      expect(out).toContain('SIGNALBOX_APPLY_TIMEOUT, duration, default 10s');
      expect(out).toContain('--[no-]managed');
      expect(out.match(/^ {8}.*signalbox serve .+$/gm)).toHaveLength(2);
      expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
      expect(runDaemon).not.toHaveBeenCalled();
    },
  );

  it('without a command is an error', async () => {
    const { code, out, err } = await run([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: signalbox COMMAND');
  });

  it('for a command that does not exist is an error', async () => {
    expect(await run(['help', 'x'])).toMatchObject({ code: 2, out: '' });
  });
});

it.each(['--version', '-V'])('%s prints the version', async (flag) => {
  const { code, out } = await run([flag]);
  expect(code).toBe(0);
  expect(out).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
});

describe('a mistake', () => {
  it('in the command is answered with a suggestion', async () => {
    expect(await run(['sevre'])).toEqual({
      code: 2,
      out: '',
      err: 'signalbox: there is no command "sevre"; did you mean serve?\nhint: signalbox --help lists them\n',
    });
  });

  it('of forgetting the command is named, without the value of the flag', async () => {
    const { code, err } = await run(['--token=f00dface', '--pin']);
    expect(code).toBe(2);
    expect(err).toBe('signalbox: --token stands before a command\nhint: signalbox serve [OPTIONS]\n');
  });

  it.each([
    ['doctor', '--only', 'nonsense'],
    ['check', '--json=1'],
    ['render', '--driver', 'caddy', '--routes'],
  ])('in an option of its own is no finding and no part of the JSON: %s %s', async (...argv) => {
    expect(await run(argv)).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(/^signalbox: --(only|json|routes): .*\n/),
    });
  });

  it('in the configuration is exit code 2, without a stack', async () => {
    const { code, err } = await run(['serve', '--driver', 'caddy']);
    expect(code).toBe(2);
    expect(err).toBe(
      'signalbox: --driver: found "caddy", want one of nginx, traefik\nhint: signalbox serve --help lists every setting\n',
    );
    expect(runDaemon).not.toHaveBeenCalled();
  });
});

describe('serve', () => {
  it('hands the configuration and its warnings to the daemon and exits as that says', async () => {
    runDaemon.mockResolvedValue(1);
    const { code } = await run(['serve', '--pin-max', '7', '--reload-command', 'true']);
    expect(code).toBe(1);
    expect(runDaemon).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ pinMax: 7 }), [
      expect.stringContaining('reload-command has no effect'),
    ]);
  });

  it('shows message, cause and hint of a failure, no stack', async () => {
    const cause = new Error('EADDRINUSE');
    runDaemon.mockRejectedValue(new SignalboxError('PORT_TAKEN', 'port 8001 is taken', { hint: 'stop it', cause }));
    expect(await run(['serve'])).toEqual({
      code: 1,
      out: '',
      err: 'signalbox: port 8001 is taken: EADDRINUSE\nhint: stop it\n',
    });
  });

  it('shows several lines as they are, and nothing in them steers the terminal', async () => {
    runDaemon.mockRejectedValue(new SignalboxError('INTERNAL', 'two\nlines of \u001b[31mada'));
    expect((await run(['serve'])).err).toBe('signalbox: two\nlines of \\u001b[31mada\n');
  });

  it('shows the stack of a failure at log level debug only', async () => {
    runDaemon.mockRejectedValue(new TypeError('bug'));
    expect((await run(['serve'])).err).toBe('signalbox: bug\n');
    for (const argv of [['--log-level', 'debug'], ['--log-level=debug']]) {
      expect((await run(['serve', ...argv])).err).toMatch(/TypeError: bug\n\s+at /);
    }
    expect((await run(['serve'], { HOME: '/h', SIGNALBOX_LOG_LEVEL: 'debug' })).err).toMatch(/\n\s+at /);
  });
});
