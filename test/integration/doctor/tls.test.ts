import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Examined } from '../../../src/cli/doctor/examine.ts';
import { BIN } from '../../support/bin.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { anyProxy, proxyFlags } from '../../support/proxies.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { runCli } from '../cli/run-cli.ts';

describeIf(anyNginx, `no nginx: ${missingNginx}`, 'doctor at an API with TLS', () => {
  it('knows it by its own certificate, whatever name that has, and status says what to do', async () => {
    const dir = makeTempDir();
    const { key, cert } = makeCertificate('hub.example', ['hub.example']);
    const [keyFile, certFile] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    writeFileSync(keyFile, key, { mode: 0o600 });
    writeFileSync(certFile, cert);
    mkdirSync(join(dir, 'state'), { mode: 0o711 });
    const api = `127.0.0.1:${await freePort()}`;
    const flags = [
      ...proxyFlags(anyProxy()),
      ...['--state-dir', join(dir, 'state'), '--public', `127.0.0.1:${await freePort()}`],
      ...['--api', api, '--api-ssl-key', keyFile, '--api-ssl-cert', certFile],
    ];
    const env = { SIGNALBOX_API_TOKEN: '0123456789abcdef', HOME: dir, PATH: process.env.PATH };
    const daemon = startProcess(process.execPath, [BIN, 'serve', ...flags], { env });
    const doctor = async () => {
      const only = ['--only', 'api', '--only', 'ready', '--only', 'api-exposed'];
      return JSON.parse((await runCli(['doctor', '--json', ...only, ...flags], env)).out) as Examined[];
    };
    await until(async () => (await doctor()).every(({ result }) => result === 'ok'), { what: 'nothing to mend' });

    const plain = await runCli(['status', '--api', `http://${api}`], env);
    expect(plain).toMatchObject({ code: 3, err: expect.stringContaining('begins with https://') });
    const unknown = await runCli(['status', '--api', `https://${api}`], env);
    expect(unknown).toMatchObject({ code: 3, err: expect.stringContaining('NODE_EXTRA_CA_CERTS') });
    expect((await daemon.stop('SIGTERM')).code).toBe(0);
  });
});
