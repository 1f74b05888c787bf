import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { CATALOGUE, type CheckId } from '../../../src/cli/doctor/catalogue.ts';
import { CHECKS } from '../../../src/cli/doctor/checks.ts';
import type { Examined } from '../../../src/cli/doctor/examine.ts';
import { BIN } from '../../support/bin.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { freePort } from '../../support/ports.ts';
import { runProcess, startProcess } from '../../support/process.ts';
import { anyProxy } from '../../support/proxies.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { runCli } from '../cli/run-cli.ts';
import { isReady, status } from '../scene.ts';
import { type Sidecar, startNginx, startSidecar } from './sidecar.ts';

/** One broken setup: how it is made, and what doctor has to say of it. */
interface Case {
  readonly name: string;
  readonly id: CheckId;
  readonly result: 'warn' | 'fail';
  readonly message: RegExp;
  readonly mend: RegExp;
  /** Flags and variables beside those of the daemon; what it breaks it mends in `undo`. */
  arrange(sidecar: Sidecar): Promise<Broken> | Broken;
  /** Why it can't be done here. */
  readonly skip?: string | false;
}

interface Broken {
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  undo?(): Promise<unknown> | unknown;
}

const isRoot = process.getuid?.() === 0;
const needsRoot = !isRoot && 'only root may do that';
const needsMount = (needsRoot || !canMount()) && 'mount namespaces can not be made here';

function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', '-p', '-f', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function doctor({ flags, env }: Sidecar, broken: Broken = {}) {
  const argv = ['doctor', '--json', ...flags, ...(broken.flags ?? [])];
  const { code, out, err } = await runCli(argv, { ...env, ...broken.env });
  expect(err).toBe('');
  return { code, found: JSON.parse(out) as Examined[] };
}

function publicServer(headers: Record<string, string>): Promise<{ flags: string[]; undo: () => void }> {
  const server = createServer((_, response) => response.writeHead(200, headers).end());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ flags: ['--public', `127.0.0.1:${port}`], undo: () => server.close() });
    });
  });
}

function file(text: string, mode = 0o600): string {
  const path = join(makeTempDir(), 'file');
  writeFileSync(path, text, { mode });
  return path;
}

const cases: Case[] = [
  {
    name: 'a configuration with a mistake',
    id: 'configuration',
    result: 'fail',
    message: /--driver: found "caddy"/,
    mend: /serve --help/,
    arrange: () => ({ flags: ['--driver', 'caddy'] }),
  },
  {
    name: 'a setting without effect',
    id: 'configuration',
    result: 'warn',
    message: /redirect-to has no effect/,
    mend: /take out what has no effect/,
    arrange: () => ({ flags: ['--redirect-to', '443'] }),
  },
  {
    name: 'a daemon that does not run',
    id: 'api',
    result: 'fail',
    message: /does not answer.*ECONNREFUSED/,
    mend: /Start it/,
    arrange: async () => ({ flags: ['--api', `127.0.0.1:${await freePort()}`] }),
  },
  {
    name: 'another token than that of the daemon',
    id: 'api',
    result: 'fail',
    message: /does not accept the token/,
    mend: /the Hub gets a 403 too/,
    arrange: () => ({ env: { SIGNALBOX_API_TOKEN: 'another-token-than-that' } }),
  },
  {
    name: 'a state folder that is not there',
    id: 'state-folder',
    result: 'fail',
    message: /is not there/,
    mend: /signalbox serve makes it/,
    arrange: () => ({ flags: ['--state-dir', join(makeTempDir(), 'none')] }),
  },
  {
    name: 'a state folder that others may write to',
    id: 'state-folder',
    result: 'fail',
    message: /other users may write to .*0777/,
    mend: /chmod go-w/,
    arrange: ({ signalbox: { stateDir } }) => {
      chmodSync(stateDir, 0o777);
      return { undo: () => chmodSync(stateDir, 0o711) };
    },
  },
  {
    name: 'files that belong to another user than the daemon',
    id: 'state-folder',
    result: 'fail',
    message: /user 0, as whom Signalbox runs, does not own .*lock\.pid/,
    mend: /chown -R 0/,
    skip: needsRoot,
    arrange: ({ signalbox: { stateDir } }) => {
      const path = join(stateDir, 'lock.pid');
      chownSync(path, 65_534, 65_534);
      return { undo: () => chownSync(path, 0, 0) };
    },
  },
  {
    name: 'a state folder on a full disk',
    id: 'disk',
    result: 'fail',
    message: /bytes are free.*may be refused/,
    mend: /Make room.*access-log-size/,
    skip: needsMount,
    arrange: () => {
      const dir = makeTempDir();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', dir]);
      return { flags: ['--state-dir', dir], undo: () => execFileSync('umount', [dir]) };
    },
  },
  {
    name: 'an nginx that is too old',
    id: 'proxy-version',
    result: 'fail',
    message: /is nginx 1\.14\.2, which is too old/,
    mend: /nginx 1\.22 or newer/,
    arrange: async () => {
      const old = file('#!/bin/sh\necho "nginx version: nginx/1.14.2" >&2\n', 0o700);
      return { flags: ['--nginx', old, '--api', `127.0.0.1:${await freePort()}`] };
    },
  },
  {
    name: 'no nginx at all',
    id: 'proxy-version',
    result: 'fail',
    message: /"no-such-nginx" was not found/,
    mend: /Install nginx/,
    arrange: async () => ({
      flags: ['--managed', '--nginx', 'no-such-nginx', '--api', `127.0.0.1:${await freePort()}`],
    }),
  },
  {
    name: 'an nginx that was not reloaded',
    id: 'include',
    result: 'fail',
    message: /still runs an earlier signalbox\.conf/,
    mend: /Reload it.*--reload-command/,
    arrange: async ({ signalbox, nginx }) => {
      const inPlace = () => readFileSync(join(signalbox.stateDir, 'nginx/current/signalbox.conf'), 'utf8');
      const before = inPlace();
      // A depth that was not in use needs another configuration, and this daemon can't have it read.
      await signalbox.api('PUT', '/api/routes', { '/a/b/c/d/e/f': { target: 'http://127.0.0.1:9' } });
      await until(() => inPlace() !== before, { what: 'the next configuration' });
      return {
        undo: async () => {
          nginx.kill('SIGHUP');
          await until(() => isReady(signalbox), { what: 'Signalbox to see the reload' });
        },
      };
    },
  },
  {
    name: "a folder that nginx's workers can't pass through",
    id: 'workers',
    result: 'fail',
    message: /run as user \d+ and cannot pass through .*state$/,
    mend: /chmod o\+x .*state/,
    skip: needsRoot,
    arrange: ({ signalbox: { stateDir } }) => {
      chmodSync(stateDir, 0o700);
      return { undo: () => chmodSync(stateDir, 0o711) };
    },
  },
  {
    name: 'a table that nginx cannot see',
    id: 'include',
    result: 'fail',
    message: /does not see generation \d+ in .*run$/,
    mend: /same path for both.*pass through/,
    skip: needsRoot,
    arrange: async ({ signalbox: { stateDir, add } }) => {
      // Before the first change there is no generation to look for.
      await add('/seen', 'http://127.0.0.1:9');
      chmodSync(stateDir, 0o700);
      return { undo: () => chmodSync(stateDir, 0o711) };
    },
  },
  {
    name: 'no pid file',
    id: 'pid-file',
    result: 'fail',
    message: /none is not there/,
    mend: /`pid` directive.*another container/,
    arrange: () => ({ flags: ['--nginx-pid-file', join(makeTempDir(), 'none')] }),
  },
  {
    name: 'a pid file from before the last boot',
    id: 'pid-file',
    result: 'fail',
    message: /which is not here/,
    mend: /share the pid namespace/,
    arrange: () => ({ flags: ['--nginx-pid-file', file('4194300\n')] }),
  },
  {
    name: 'an nginx in another pid namespace',
    id: 'pid-file',
    result: 'fail',
    message: /names process 1, which is .* no nginx master/,
    mend: /shareProcessNamespace/,
    skip: needsMount,
    arrange: async () => {
      const unshare = ['unshare', '--pid', '--fork', '--kill-child'];
      const { child, pidFile } = await startNginx(anyProxy().path, unshare, '');
      expect(readFileSync(pidFile, 'utf8').trim()).toBe('1');
      return { flags: ['--nginx-pid-file', pidFile], undo: () => child.stop('SIGKILL') };
    },
  },
  {
    name: 'a reload command that fails',
    id: 'reload',
    result: 'fail',
    message: /the reload command failed: no nginx here/,
    mend: /Run it by hand/,
    arrange: () => ({ flags: ['--try-reload', '--reload-command', 'echo no nginx here >&2; exit 3'] }),
  },
  {
    name: 'a reload command whose program is missing',
    id: 'reload',
    result: 'fail',
    message: /begins with dockerr, which was not found/,
    mend: /Run it by hand/,
    arrange: () => ({ flags: ['--reload-command', 'dockerr kill -s HUP nginx'] }),
  },
  {
    name: 'a template that is refused',
    id: 'templates',
    result: 'fail',
    message: /refused, the last good ones are in use: .*/,
    mend: /Mend the file/,
    arrange: async ({ signalbox, templates }) => {
      const path = join(templates, 'nginx/proxy.conf');
      writeFileSync(path, '{{ nonsense | no_such_filter }}');
      const error = async () => (await status(signalbox)) as unknown as { templates: { error: unknown } };
      await until(async () => (await error()).templates.error !== null, { what: 'the template to be refused' });
      return {
        undo: async () => {
          rmSync(path);
          await until(async () => (await error()).templates.error === null, { what: 'it to be forgotten' });
        },
      };
    },
  },
  {
    name: 'a log that was moved away under nginx',
    id: 'access-log',
    result: 'fail',
    message: /did not arrive in .*access\.log/,
    mend: /nginx -s reopen/,
    arrange: async ({ signalbox, nginx }) => {
      const log = join(signalbox.stateDir, 'nginx/access.log');
      await signalbox.get('/');
      await until(() => existsSync(log), { what: 'the log' });
      renameSync(log, `${log}.old`);
      return {
        undo: async () => {
          nginx.kill('SIGUSR1');
          await until(() => existsSync(log), { what: 'the next log' });
        },
      };
    },
  },
  {
    name: 'a log of another proxy that is not there',
    id: 'other-logs',
    result: 'fail',
    message: /ENOENT.*none/,
    mend: /activity-format/,
    arrange: () => ({ flags: ['--activity-log', join(makeTempDir(), 'none')] }),
  },
  {
    name: 'a log of another proxy in another format',
    id: 'other-logs',
    result: 'fail',
    message: /is not of the format combined/,
    mend: /activity-format/,
    arrange: () => ({ flags: ['--activity-log', file('{"time": "now"}\n')] }),
  },
  {
    name: 'no ss',
    id: 'sockets',
    result: 'warn',
    message: /`ss` \(of iproute2\) was not found/,
    mend: /Install iproute2/,
    arrange: () => {
      const { PATH } = process.env;
      process.env.PATH = makeTempDir();
      return { undo: () => Object.assign(process.env, { PATH }) };
    },
  },
  {
    name: 'a proxy whose clock is an hour behind',
    id: 'clock',
    result: 'warn',
    message: /3[56]\d\d s apart/,
    mend: /chrony/,
    arrange: () => publicServer({ date: new Date(Date.now() - 3_600_000).toUTCString() }),
  },
  {
    name: 'a proxy whose clock is ahead',
    id: 'clock',
    result: 'warn',
    message: /\d\d s apart/,
    mend: /chrony/,
    arrange: () => publicServer({ date: new Date(Date.now() + 60_000).toUTCString() }),
  },
  {
    name: 'an API for everybody',
    id: 'api-exposed',
    result: 'fail',
    message: /everybody who reaches 0\.0\.0\.0:\d+ may change routes/,
    mend: /SIGNALBOX_API_TOKEN/,
    arrange: ({ signalbox }) => ({
      flags: ['--api', `0.0.0.0:${signalbox.apiPort}`, '--insecure-no-token'],
      env: { SIGNALBOX_API_TOKEN: undefined },
    }),
  },
  {
    name: 'an API for other machines with a weak token',
    id: 'api-exposed',
    result: 'fail',
    message: /with a token that can be guessed/,
    mend: /openssl rand/,
    arrange: ({ signalbox }) => ({
      flags: ['--api', `0.0.0.0:${signalbox.apiPort}`],
      env: { SIGNALBOX_API_TOKEN: 'secret' },
    }),
  },
  {
    name: 'an API for other machines without TLS',
    id: 'api-exposed',
    result: 'warn',
    message: /without TLS/,
    mend: /api-ssl-cert/,
    arrange: ({ signalbox }) => ({ flags: ['--api', `0.0.0.0:${signalbox.apiPort}`] }),
  },
  {
    name: 'a local API without a token',
    id: 'api-exposed',
    result: 'warn',
    message: /every user of this machine/,
    mend: /token-file/,
    arrange: () => ({ env: { SIGNALBOX_API_TOKEN: undefined } }),
  },
  {
    name: 'a token in a file that everybody can read',
    id: 'token',
    result: 'fail',
    message: /every user of this machine can read the token/,
    mend: /chmod 600/,
    arrange: ({ signalbox }) => ({
      flags: ['--token-file', file(signalbox.token, 0o644)],
      env: { SIGNALBOX_API_TOKEN: undefined },
    }),
  },
  {
    name: 'a token that only reads in a file that everybody can read',
    id: 'token',
    result: 'fail',
    message: /every user of this machine can read the token/,
    mend: /chmod 600/,
    arrange: () => ({ flags: ['--read-token-file', file('the-token-that-only-reads', 0o644)] }),
  },
  {
    name: "a namespace's token in a file that a group can read",
    id: 'token',
    result: 'warn',
    message: /the group of .* can read the token/,
    mend: /chmod 600/,
    arrange: () => {
      const tokenFile = file('the-token-of-physics', 0o640);
      return { flags: ['--config', file(`namespaces: { physics: { token-file: ${tokenFile}, path: /physics } }`)] };
    },
  },
  {
    name: 'a token on a command line',
    id: 'token',
    result: 'fail',
    message: /on the command line of node \(pid \d+\)/,
    mend: /environment or in a file/,
    arrange: ({ signalbox }) => {
      const child = startProcess(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', '--', signalbox.token]);
      return { undo: () => child.stop('SIGKILL') };
    },
  },
  {
    name: 'an nginx that interprets regular expressions',
    id: 'pcre-jit',
    result: 'warn',
    message: /pcre_jit is off/,
    mend: /Put "pcre_jit on;" at the outermost level/,
    arrange: async () => {
      const { child, pidFile } = await startNginx(anyProxy().path, [], '', '# pcre_jit on;');
      return { flags: ['--nginx-pid-file', pidFile], undo: () => child.stop() };
    },
  },
];

it('every check is in the catalogue, in its order', () => {
  expect(Object.keys(CHECKS)).toEqual(Object.keys(CATALOGUE));
});

describeIf(anyNginx, `no nginx: ${missingNginx}`, 'doctor at a sidecar', () => {
  let sidecar: Sidecar;

  beforeAll(async () => {
    sidecar = await startSidecar(anyProxy());
  });

  it('finds nothing wrong when nothing is wrong, and says why it left out what it left out', async () => {
    const { code, found } = await doctor(sidecar);
    expect(found.filter(({ result }) => result === 'fail' || result === 'warn')).toEqual([]);
    expect(code).toBe(0);
    expect(found.map(({ id }) => id)).toEqual(Object.keys(CATALOGUE));
    const left = found.filter(({ result }) => result === 'skipped').map(({ id }) => id);
    const shared = Object.keys(CATALOGUE).filter((id) => /^(?:database|replicas|advertise)/.test(id));
    expect(left).toEqual(['traefik-folder', 'reload', 'encoded-characters', 'other-logs', ...shared]);
  });

  it('tells people in lines, in colour on a terminal only', async () => {
    const only = ['--only', 'api', '--only=reload', '--only', 'templates'];
    const argv = ['doctor', ...only, ...sidecar.flags, '--reload-command', 'no-such-program'];
    const plain = await runCli(argv, sidecar.env);
    expect(plain.code).toBe(1);
    expect(plain.out).toMatch(/^ok {4}api {3,}Signalbox \S+ answers at http/m);
    expect(plain.out).toMatch(/^FAIL {2}reload +the reload command begins .*\n {10,}Run it by hand/m);
    expect(plain.out).toMatch(/\n1 to mend, 0 to think about, 2 in order, 0 not looked at\n$/);
    expect(plain.out).not.toContain('\u001b');
    expect((await runCli(argv, sidecar.env, { terminal: true })).out).toContain('\u001b[31mFAIL\u001b[0m');
  });

  for (const { name, id, result, message, mend, arrange, skip } of cases) {
    it(`finds ${name}`, async (context) => {
      if (skip) return context.skip(skip);
      const broken = await arrange(sidecar);
      try {
        const { code, found } = await doctor(sidecar, { ...broken, flags: [...(broken.flags ?? []), '--only', id] });
        expect(found).toEqual([
          {
            id,
            result,
            message: expect.stringMatching(message),
            mend: expect.stringMatching(mend),
          },
        ]);
        if (result === 'fail') expect(code).toBe(1);
      } finally {
        await broken.undo?.();
      }
    });
  }

  it('finds that nginx belongs to another user and takes no signals', async (context) => {
    if (needsRoot) return context.skip(needsRoot);
    const { flags, env } = sidecar;
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, BIN];
    // Folders of tests are their owner's alone.
    const open = file(readFileSync(sidecar.pidFile, 'utf8'), 0o644);
    chmodSync(dirname(open), 0o755);
    const argv = [...nobody.slice(1), 'doctor', '--json', '--only', 'pid-file', ...flags, '--nginx-pid-file', open];
    const { stdout } = await runProcess(nobody[0] as string, argv, { env: { ...env, HOME: '/' }, cwd: '/' });
    expect(JSON.parse(stdout)).toEqual([
      {
        id: 'pid-file',
        result: 'fail',
        message: expect.stringContaining('takes no signals from us'),
        mend: expect.stringContaining('as the user of the nginx master'),
      },
    ]);
  });

  it('finds nothing wrong after all of that was mended', async () => {
    const { found } = await doctor(sidecar);
    expect(found.filter(({ result }) => result === 'fail' || result === 'warn')).toEqual([]);
  });

  it('knows pcre_jit from the command line of nginx as well', async () => {
    const { child, pidFile } = await startNginx(anyProxy().path, [], '', '', ['-g', 'pcre_jit on;']);
    const { found } = await doctor(sidecar, { flags: ['--only', 'pcre-jit', '--nginx-pid-file', pidFile] });
    expect(found).toEqual([expect.objectContaining({ id: 'pcre-jit', result: 'ok' })]);
    await child.stop();
  });

  it('finds an nginx that is not there', async () => {
    await sidecar.nginx.stop('SIGTERM');
    await until(async () => !(await isReady(sidecar.signalbox)), { what: 'Signalbox to see it gone' });
    const { code, found } = await doctor(sidecar);
    const of = (id: CheckId) => found.find((finding) => finding.id === id);
    expect(code).toBe(1);
    expect(of('ready')).toMatchObject({ result: 'fail', message: expect.stringContaining('control socket') });
    expect(of('include')).toMatchObject({ result: 'fail', mend: expect.stringContaining('into the http block') });
    expect(of('access-log')).toMatchObject({ result: 'skipped' });
  });
});

describeIf(anyNginx && !needsMount, `${needsMount || missingNginx}`, 'doctor at a sidecar in a container', () => {
  it('finds that nginx has another folder under the path of the state folder', async () => {
    const other = join(makeTempDir(), 'other');
    const wrap = (stateDir: string) => {
      mkdirSync(other);
      execFileSync('cp', ['-a', `${stateDir}/nginx`, other]);
      return ['unshare', '--mount', 'sh', '-c', `mount --bind '${other}' '${stateDir}' && exec "$@"`, 'sh'];
    };
    const sidecar = await startSidecar(anyProxy(), wrap, false);
    const { found } = await doctor(sidecar, { flags: ['--only', 'same-path', '--only', 'include'] });
    expect(found.find(({ id }) => id === 'same-path')).toMatchObject({
      result: 'fail',
      message: expect.stringMatching(/has another folder as .*state/),
      mend: expect.stringContaining('same path in both containers'),
    });
    expect(found.find(({ id }) => id === 'include')).toMatchObject({ result: 'fail' });
    await sidecar.nginx.stop('SIGTERM');
  });
});
