import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/cli/setting-flags.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { load, loadYaml, problemsOf } from './load-with.ts';

const SECRET = 'f00dfacef00dfacef00dfacef00dface';

describe('the token', () => {
  it('is taken from SIGNALBOX_API_TOKEN, else CONFIGPROXY_AUTH_TOKEN, else the file', () => {
    const world = { argv: ['--token-file', '/t'], files: { '/t': 'file\n' } };
    const token = (env: Record<string, string>) => load({ ...world, env }).config.token;
    expect(token({ SIGNALBOX_API_TOKEN: 'a', CONFIGPROXY_AUTH_TOKEN: 'b' })).toBe('a');
    expect(token({ CONFIGPROXY_AUTH_TOKEN: ' b\n' })).toBe('b');
    expect(token({})).toBe('file');
  });

  it('must not be empty, wherever it stands', () => {
    const lines = problemsOf(() => loadYaml('token-file: /t', { files: { '/t': ' \n' } }));
    expect(lines).toEqual(['signalbox.yaml:1:13: the token is empty: put the token the Hub has into the file']);
    expect(problemsOf(() => load({ env: { CONFIGPROXY_AUTH_TOKEN: '' } })).join()).toMatch(
      /^CONFIGPROXY_AUTH_TOKEN: the token is empty/,
    );
  });

  it('must fit into a header', () => {
    expect(problemsOf(() => load({ env: { SIGNALBOX_API_TOKEN: `${SECRET} ${SECRET}` } })).join()).toMatch(
      /has spaces/,
    );
  });

  it('in a file that can not be read is reported, and nothing more', () => {
    expect(problemsOf(() => load({ argv: ['--token-file=/t', '--api=:8001'] }))).toEqual([
      "--token-file: the file can't be read: there is no such file",
    ]);
  });

  it('in a file that everyone can read is a warning', () => {
    const warnings = (mode: number) =>
      load({ argv: ['--token-file=/t'], files: { '/t': { text: SECRET, mode } } }).warnings;
    expect(warnings(0o644)).toEqual(['every user of this machine can read the token-file: make it 0600']);
    expect(warnings(0o640)).toEqual([]);
  });

  it('is read from a real file with its real mode', () => {
    const dir = mkdtempSync(join(tmpdir(), 'signalbox-token-'));
    try {
      const path = join(dir, 'token');
      writeFileSync(path, `${SECRET}\n`);
      chmodSync(path, 0o604);
      const { config, warnings } = loadConfig({ flags: readSettings(['--token-file', path]), env: {} });
      expect(config.token).toBe(SECRET);
      expect(warnings).toHaveLength(1);
      expect(problemsOf(() => loadConfig({ flags: readSettings(['--token-file', dir]), env: {} })).join()).toContain(
        'it is a folder',
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('a token never gets into a message', () => {
  it.each([
    [['--token', SECRET]],
    [['--api-token', SECRET]],
    [[`--auth-token=${SECRET}`]],
    [[`-t${SECRET}`]],
    [['-t', SECRET]],
    [['--token-file', SECRET]],
    [['--insecure-no-token', SECRET]],
    [[`--insecure-no-token=${SECRET}`]],
    [['--no-insecure-no-token', SECRET]],
    [['serve', SECRET]],
  ])('as in %j', (argv) => {
    expect(problemsOf(() => load({ argv })).join()).not.toContain('f00d');
  });

  it.each([
    ['SIGNALBOX_TOKEN', SECRET],
    ['SIGNALBOX_INSECURE_NO_TOKEN', SECRET],
    ['SIGNALBOX_TOKEN_FILE', SECRET],
    ['SIGNALBOX_API_TOKEN', `${SECRET} x`],
    ['CONFIGPROXY_AUTH_TOKEN', `${SECRET}\u00e9`],
  ])('as in %s', (name, text) => {
    expect(problemsOf(() => load({ env: { [name]: text } })).join()).not.toContain('f00d');
  });

  it.each([
    `token: ${SECRET}`,
    `token-file: ${SECRET}`,
    `insecure-no-token: ${SECRET}`,
    SECRET,
    `token-file: *${SECRET}`,
  ])('as in the file %j', (yaml) => {
    expect(problemsOf(() => loadYaml(yaml)).join()).not.toContain('f00d');
  });

  it('and other mistakes stay visible beside it', () => {
    const env = { SIGNALBOX_API_TOKEN: SECRET, CONFIGPROXY_AUTH_TOKEN: SECRET };
    expect(problemsOf(() => load({ argv: ['--driver=x'], env }))).toEqual([
      '--driver: found "x", want one of nginx, traefik',
    ]);
  });
});

it('who looks for a key for the token is told where it goes', () => {
  const hint = 'the token goes into SIGNALBOX_API_TOKEN, or into the file that token-file names';
  expect(problemsOf(() => load({ argv: ['--api-token', SECRET] }))).toEqual([`--api-token: is no option; ${hint}`]);
  expect(problemsOf(() => loadYaml('auth_token: x'))).toEqual([
    `signalbox.yaml:1:1: "auth_token" is no setting; ${hint}`,
  ]);
});

describe('the token that only reads', () => {
  const env = { SIGNALBOX_API_TOKEN: SECRET };

  it('is taken from SIGNALBOX_READ_TOKEN, else the file', () => {
    const world = { argv: ['--read-token-file', '/r'], files: { '/r': 'file\n' } };
    const { config } = load({ ...world, env: { ...env, SIGNALBOX_READ_TOKEN: 'variable' } });
    expect([config.readToken, config.token]).toEqual(['variable', SECRET]);
    expect(load({ ...world, env }).config.readToken).toBe('file');
    expect(load({ env }).config.readToken).toBeUndefined();
  });

  it('must be another one than that for the whole table', () => {
    expect(problemsOf(() => load({ env: { ...env, SIGNALBOX_READ_TOKEN: ` ${SECRET}\n` } }))).toEqual([
      'SIGNALBOX_READ_TOKEN: the token is the one for the whole table, too: take a token that nothing else has',
    ]);
    const lines = problemsOf(() => loadYaml('read-token-file: /r', { env, files: { '/r': SECRET } }));
    expect(lines.join()).toMatch(/^signalbox.yaml:1:18: the token is the one for the whole table, too/);
    expect(lines.join()).not.toContain(SECRET);
  });

  it("must be another one than a namespace's", () => {
    const yaml = 'namespaces: { physics: { token-file: /p, path: /physics } }';
    const world = { env: { ...env, SIGNALBOX_READ_TOKEN: 'r' }, files: { '/p': 'r' } };
    expect(problemsOf(() => loadYaml(yaml, world)).join()).toMatch(/the token is the one that only reads, too/);
  });

  it('must not be the only one', () => {
    expect(problemsOf(() => load({ env: { SIGNALBOX_READ_TOKEN: 'r' } })).join()).toMatch(
      /a token that only reads needs one for changes beside it/,
    );
  });

  it('must not be empty, nor stand where everyone reads it', () => {
    expect(problemsOf(() => load({ env: { ...env, SIGNALBOX_READ_TOKEN: '' } })).join()).toMatch(
      /^SIGNALBOX_READ_TOKEN: the token is empty/,
    );
    const files = { '/r': { text: 'r', mode: 0o644 } };
    expect(load({ argv: ['--read-token-file=/r'], env, files }).warnings).toEqual([
      'every user of this machine can read the read-token-file: make it 0600',
    ]);
  });
});
