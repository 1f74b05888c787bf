import { createPrivateKey } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { startNginx } from '../doctor/sidecar.ts';
import { describeEachSceneOnce, masters, type Scene, status } from '../scene.ts';

const PASSPHRASE = 'of "$x" ones own';

/** Certificates for users and for backends, in files of which some are renewed before others. */
function certificateFiles() {
  const [dir, away] = ['files', 'away'].map((name) => join(makeTempDir(), name)) as [string, string];
  mkdirSync(dir);
  const [key, cert, clientKey, clientCert, ca] = ['key', 'cert', 'client-key', 'client-cert', 'ca'].map((name) =>
    join(dir, `${name}.pem`),
  ) as [string, string, string, string, string];
  return {
    flags: [
      ...['--ssl-key', key, '--ssl-cert', cert],
      ...['--client-ssl-key', clientKey, '--client-ssl-cert', clientCert, '--client-ssl-ca', ca],
    ],
    shut() {
      renameSync(dir, away);
      symlinkSync(dir, dir);
    },
    open() {
      rmSync(dir);
      renameSync(away, dir);
    },
    authority: (text: string) => writeFileSync(ca, text),
    keys(pair: { key: string }) {
      const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE } as const;
      writeFileSync(key, createPrivateKey(pair.key).export(encrypted));
      writeFileSync(clientKey, pair.key);
    },
    certificates(pair: { cert: string }) {
      writeFileSync(cert, pair.cert);
      writeFileSync(clientCert, pair.cert);
    },
  };
}

function servedName(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject?.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

async function scene(start: Scene['start'], args: readonly string[], whenReady = true) {
  const files = certificateFiles();
  const [tls, first, second] = [makeCertificate(), makeCertificate('first'), makeCertificate('second')];
  const backend = await startBackend({ tls });
  files.authority(tls.cert);
  files.keys(first);
  files.certificates(first);
  const env = { SIGNALBOX_SSL_KEY_PASSPHRASE: PASSPHRASE };
  const signalbox = await start({ args: ['--no-pin', ...files.flags, ...args], env, whenReady });
  return { files, tls, second, backend, signalbox };
}

const answer = async ({ port }: Signalbox, target: string) => (await rawRequest({ port, target, tls: true })).status;

describeEachSceneOnce('a certificate that is half renewed', ({ start, proxy }) => {
  it('keeps no change from being served and no proxy from being started, and is taken up when it is whole', async () => {
    const { files, tls, second, backend, signalbox } = await scene(start, []);
    await signalbox.add('/steady', backend.url);
    // A folder that may not be looked into is the same to a daemon as a link that leads to itself, for root, too.
    files.shut();
    signalbox.kill('SIGHUP');
    await until(() => /ELOOP.*cannot be used, the old one stays/.test(signalbox.logs()), {
      what: 'the first warning',
    });
    files.open();
    files.keys(second);
    files.authority(tls.cert.slice(0, -40));
    signalbox.kill('SIGHUP');
    await until(() => /mismatch.*cannot be used, the old one stays/.test(signalbox.logs()), { what: 'the second' });
    // A depth that was not in use before: a new configuration of nginx.
    await signalbox.add('/a/b/c/d/e', backend.url);
    expect(await answer(signalbox, '/a/b/c/d/e/')).toBe(200);

    for (const pid of masters(signalbox.stateDir)) process.kill(pid, 'SIGKILL');
    await until(async () => (await status(signalbox)).proxy.restarts === 1, {
      what: 'the proxy to be started again',
    });
    await until(async () => (await answer(signalbox, '/steady/')) === 200, { what: 'the route to be served again' });
    expect(await servedName(signalbox.port)).toBe('first');

    files.certificates(second);
    files.authority(tls.cert);
    signalbox.kill('SIGHUP');
    await until(async () => (await servedName(signalbox.port)) === 'second', {
      what: 'the whole one',
      timeout: 20_000,
    });
    expect(await answer(signalbox, '/steady/')).toBe(200);
    await signalbox.stop();
  });

  it('at the start of a daemon leaves the last ones that fitted in use, and is taken up when it is whole', async () => {
    const { files, second, backend, signalbox } = await scene(start, []);
    await signalbox.add('/steady', backend.url);
    await signalbox.stop();
    files.certificates(second);
    await signalbox.restart();
    expect(signalbox.logs()).toMatch(/"level":"warn".* ssl-cert: .*cert.pem.* is no certificate of the key in ssl-key/);
    expect([await answer(signalbox, '/steady/'), await servedName(signalbox.port)]).toEqual([200, 'first']);

    files.keys(second);
    signalbox.kill('SIGHUP');
    await until(async () => (await servedName(signalbox.port)) === 'second', {
      what: 'the whole one',
      timeout: 20_000,
    });
    await signalbox.stop();
    files.shut();
    await signalbox.restart();
    expect([await answer(signalbox, '/steady/'), await servedName(signalbox.port)]).toEqual([200, 'second']);
    await signalbox.stop();
  });

  if (proxy.driver !== 'nginx') return;

  it("keeps a sidecar's nginx neither from being reloaded nor from being started", async () => {
    const pidFile = join(makeTempDir(), 'nginx.pid');
    const { files, second, backend, signalbox } = await scene(
      start,
      ['--no-managed', '--nginx-pid-file', pidFile],
      false,
    );
    const ours = join(signalbox.stateDir, 'nginx/current/signalbox.conf');
    await until(() => readFileSync(ours), { what: 'our file' });
    const nginx = () => startNginx(proxy.path, [], `include ${ours};`);
    const earlier = await nginx();
    symlinkSync(earlier.pidFile, pidFile);
    await until(async () => (await status(signalbox)).proxy.up, { what: 'nginx to be found' });
    await signalbox.add('/steady', backend.url);
    files.keys(second);
    await signalbox.add('/a/b/c/d/e', backend.url);
    expect(await answer(signalbox, '/a/b/c/d/e/')).toBe(200);
    await earlier.child.stop('SIGTERM', 10_000);
    await nginx();
    await until(async () => (await answer(signalbox, '/steady/')) === 200, { what: 'the next nginx to serve' });
    await signalbox.stop();
    await signalbox.restart();
    await until(async () => (await status(signalbox)).proxy.up, { what: 'nginx to be found again' });
    expect([await answer(signalbox, '/steady/'), await servedName(signalbox.port)]).toEqual([200, 'first']);
  });
});
