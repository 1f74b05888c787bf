import type { Case, Group } from '../case.ts';

const own = ['--ip', '127.0.0.1', '--port', '{run-port}', '--api-port', '{run-api-port}'];

/** A command line that ends at once: with which code, and on which of its outputs it says something. */
function ends(name: string, run: readonly string[], code: number, more: Partial<Case> = {}): Case {
  return {
    name,
    steps: [{ run }],
    ...(code === 0
      ? { expect: { code, stdout: 'says something', stderr: 'silent' } }
      : { compare: ['code'], expect: { code } }),
    ...more,
  };
}

function stops(name: string, signal: NodeJS.Signals, more: Partial<Case> = {}): Case {
  const run = [...own, '--pid-file', '{state}/{run-port}.pid'];
  return {
    name,
    steps: [{ run, signal, pidFile: '{state}/{run-port}.pid' }],
    compare: ['code', 'signal', 'pid*', 'gone*'],
    expect: { 'pid file': 'its own pid', 'pid file afterwards': 'removed', 'gone within a second': 'true' },
    ...more,
  };
}

export const commandLineGroup: Group = {
  title: 'Command line',
  cases: [
    ends('--help', ['--help'], 0),
    ends('-h', ['-h'], 0),
    ends('--version', ['--version'], 0),
    ends('-V', ['-V'], 0),
    ends('an unknown flag', [...own, '--no-such-flag'], 1, {
      compare: ['code', 'stdout', 'stderr'],
      expect: { code: 1, stderr: 'says something', stdout: 'silent' },
    }),
    ends('a stray word', [...own, 'stray'], 1),
    ends('a missing value', [...own, '--default-target'], 1),
    ends('a custom header without a colon', [...own, '--custom-header', 'nonsense'], 1),
    ends('both error flags', [...own, '--error-target', 'http://127.0.0.1:9', '--error-path', '{pages}'], 1),
    ends('a redirect port without certificates', [...own, '--redirect-port', '1234'], 1),
    ends('a certificate that is not there', [...own, '--ssl-key', '/nowhere/k', '--ssl-cert', '/nowhere/c'], 1),
    ends('a socket and a port', ['--socket', '{state}/x.sock', '--port', '{run-port}'], 1),
    stops('SIGTERM, with a pid file', 'SIGTERM', {
      expect: { 'pid file': 'its own pid', 'gone within a second': 'true' },
    }),
    stops('SIGINT, with a pid file', 'SIGINT', {
      expect: { 'pid file': 'its own pid', 'gone within a second': 'true', code: 2 },
    }),
  ],
};
