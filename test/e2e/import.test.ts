import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { BIN } from '../support/bin.ts';
import { anyNginx, missingNginx } from '../support/nginx.ts';
import { freePort } from '../support/ports.ts';
import { runProcess, startProcess } from '../support/process.ts';
import { anyProxy } from '../support/proxies.ts';
import { rawRequest } from '../support/raw-http.ts';
import { type Signalbox, startSignalbox } from '../support/signalbox.ts';
import { describeIf } from '../support/skip.ts';
import { makeTempDir } from '../support/tmp.ts';
import { until } from '../support/wait.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CHP = join(ROOT, 'node_modules/configurable-http-proxy/bin/configurable-http-proxy');

/** What docs/migrate-from-chp.md tells to do. */
describeIf(anyNginx, `no nginx: ${missingNginx}`, 'moving over from configurable-http-proxy', () => {
  let backend: Backend;
  let signalbox: Signalbox;
  let chpPort: number;
  let tokenFile: string;
  const token = randomBytes(16).toString('hex');

  const chp = (method: string, path: string, body?: object) =>
    rawRequest({
      port: chpPort,
      method,
      target: path,
      headers: [['Authorization', `token ${token}`]],
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const run = (...args: string[]) =>
    runProcess(process.execPath, [BIN, 'routes', 'import', ...args], {
      env: { SIGNALBOX_API_TOKEN: signalbox.token },
    });

  beforeAll(async () => {
    backend = await startBackend({});
    chpPort = await freePort();
    const ports = ['--ip', '127.0.0.1', '--port', String(await freePort())];
    const api = ['--api-ip', '127.0.0.1', '--api-port', String(chpPort)];
    startProcess(process.execPath, [CHP, ...ports, ...api], { env: { CONFIGPROXY_AUTH_TOKEN: token } });
    await until(
      () =>
        chp('GET', '/api/routes').then(
          ({ status }) => status === 200,
          () => false,
        ),
      { what: 'CHP to answer' },
    );
    tokenFile = join(makeTempDir(), 'token');
    writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
    signalbox = await startSignalbox({ proxy: anyProxy() });
  });

  it('copies every route with its data and its last activity, and serves it', async () => {
    await chp('POST', '/api/routes/user/ada', { target: backend.url, user: 'ada', jupyterhub: true });
    await chp('POST', '/api/routes/user/we%20ird%2B%40', { target: backend.url });
    const before = (await chp('GET', '/api/routes')).json();
    const done = await run(
      '--from',
      `http://127.0.0.1:${chpPort}`,
      '--from-token-file',
      tokenFile,
      '--api',
      signalbox.apiUrl,
    );
    expect(done).toMatchObject({ code: 0 });
    expect(done.stdout).toContain('2 routes read');
    expect((await signalbox.api('GET', '/api/routes')).json()).toEqual(before);
    expect((await signalbox.get('/user/ada/status/200')).status).toBe(200);
    expect((await signalbox.get('/user/we%20ird+@/status/200')).status).toBe(200);
  });

  it('keeps routes of its own unless told to replace the table', async () => {
    await signalbox.add('/own', backend.url);
    const from = ['--from', `http://127.0.0.1:${chpPort}`, '--from-token-file', tokenFile, '--api', signalbox.apiUrl];
    expect((await run(...from)).stdout).toContain('0 added, 0 changed, 0 removed');
    expect((await run(...from, '--replace')).stdout).toContain('1 removed');
  });

  it('says what is wrong with an address or a token, and changes nothing', async () => {
    const wrong = join(makeTempDir(), 'token');
    writeFileSync(wrong, 'wrong');
    const refused = await run(
      '--from',
      `http://127.0.0.1:${chpPort}`,
      '--from-token-file',
      wrong,
      '--api',
      signalbox.apiUrl,
    );
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('does not accept the token');
    const nobody = await run('--from', `http://127.0.0.1:${await freePort()}`, '--api', signalbox.apiUrl);
    expect(nobody.stderr).toContain('does not answer');
    expect((await run('--api', 'ftp://x')).code).toBe(2);
  });
});
