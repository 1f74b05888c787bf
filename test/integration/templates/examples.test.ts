import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { type Backend, type Seen, startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { describeEachNginx } from '../../support/nginx.ts';
import { freePort } from '../../support/ports.ts';
import { nginxProxy } from '../../support/proxies.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

const page = readFileSync(new URL('../../../docs/templates.md', import.meta.url), 'utf8');

/** The files of an example in docs/templates.md: a line with the name, one that says who checks it, then the text. */
function filesOf(title: string): [name: string, text: string][] {
  const section = page.split(/^#{2,3} /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  return [...section.matchAll(/^`([^`\n]+)`\n\n<!--[^\n]*-->\n```nginx\n(.*?)```/gms)].map(
    ([, name = '', text = '']) => [name, text],
  );
}

describeEachNginx('the examples of docs/templates.md', (nginx) => {
  const templates = makeTempDir();
  /** Stands in for /etc/signalbox. */
  const etc = makeTempDir();
  let tlsPort: number;
  let backend: Backend;
  let signalbox: Signalbox;

  beforeAll(async () => {
    tlsPort = await freePort();
    backend = await startBackend();
    signalbox = await startSignalbox({
      proxy: nginxProxy(nginx),
      args: ['--templates', templates, '--no-pin'],
    });
    await signalbox.add('/hub', backend.url);
  });

  async function use(title: string): Promise<void> {
    const files = filesOf(title);
    expect(files, title).not.toEqual([]);
    rmSync(join(templates, 'nginx'), { recursive: true, force: true });
    const written = files.map(([name, text]) => {
      const path = join(templates, name);
      mkdirSync(dirname(path), { recursive: true });
      const here = text
        .replaceAll('/etc/signalbox', etc)
        .replaceAll('/var/log/nginx', etc)
        .replaceAll('8443', `${tlsPort}`);
      writeFileSync(path, here);
      return [name.replace('nginx/', ''), here];
    });
    written.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
    // What nginx has confirmed is kept for a later start.
    const kept = join(signalbox.stateDir, 'templates-nginx.json');
    const wanted = Object.fromEntries(written);
    await until(() => JSON.stringify(JSON.parse(readFileSync(kept, 'utf8'))) === JSON.stringify(wanted), {
      what: `${title} to be taken up`,
    });
    expect((await signalbox.api('GET', '/status')).json()).toMatchObject({ templates: { error: null } });
  }

  const post = (path: string, headers: [string, string][] = []) =>
    rawRequest({ port: signalbox.port, method: 'POST', target: path, headers, body: 'x' });

  it('A custom header', async () => {
    await use('A custom header');
    const answer = await signalbox.get('/hub/x');
    expect(answer.header('Strict-Transport-Security')).toBe('max-age=31536000');
    expect(answer.header('X-Frame-Options')).toBe('SAMEORIGIN');
    expect(answer.json<Seen>().headers).toContainEqual([expect.stringMatching(/^x-cluster$/i), 'campus-a']);
    expect((await post('/hub/x')).json<Seen>().headers).toContainEqual([
      expect.stringMatching(/^x-cluster$/i),
      'campus-a',
    ]);
    expect((await signalbox.get('/nobody')).header('Strict-Transport-Security')).toBe('max-age=31536000');
  });

  it('Basic auth', async () => {
    writeFileSync(join(etc, 'htpasswd'), 'ada:{PLAIN}lovelace\n', { mode: 0o644 });
    await use('Basic auth');
    const credentials: [string, string] = ['Authorization', `Basic ${Buffer.from('ada:lovelace').toString('base64')}`];
    const wrong: [string, string] = ['Authorization', `Basic ${Buffer.from('ada:byron').toString('base64')}`];
    for (const ask of [signalbox.get, post]) {
      expect((await ask('/hub/x')).status).toBe(401);
      expect((await ask('/hub/x', [wrong])).status).toBe(401);
      const answer = await ask('/hub/x', [credentials]);
      expect(answer.status).toBe(200);
      expect(answer.json<Seen>().headers.map(([name]) => name.toLowerCase())).not.toContain('authorization');
    }
    expect((await signalbox.get('/_chp_healthz')).status).toBe(200);
  });

  it('A maintenance page', async () => {
    await use('A maintenance page');
    expect((await signalbox.get('/hub/x')).status).toBe(200);
    writeFileSync(join(etc, 'maintenance.html'), '<p>back at noon</p>', { mode: 0o644 });
    for (const answer of [await signalbox.get('/hub/x'), await post('/hub/x')]) {
      expect([answer.status, answer.text(), answer.header('Retry-After')]).toEqual([503, '<p>back at noon</p>', '600']);
      expect(answer.header('Content-Type')).toMatch(/^text\/html/);
    }
    expect((await signalbox.get('/_chp_healthz')).status).toBe(200);
    rmSync(join(etc, 'maintenance.html'));
    expect((await signalbox.get('/hub/x')).status).toBe(200);
  });

  it('A rate limit', async () => {
    await use('A rate limit');
    const statuses = [];
    for (let count = 0; count < 8; count++) statuses.push((await post('/hub/login')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
    expect((await signalbox.get('/hub/login')).status).toBe(429);
    for (let count = 0; count < 8; count++) expect((await signalbox.get('/hub/home')).status).toBe(200);
  });

  it('An access log of your own', async () => {
    await use('An access log of your own');
    const used = async () =>
      (await signalbox.api('GET', '/api/routes/hub')).json<{ last_activity: string }>().last_activity;
    for (const ask of [signalbox.get, post]) {
      const before = await used();
      await ask('/hub/seen');
      await until(async () => (await used()) > before, { what: 'the request to be activity' });
    }
    const log = readFileSync(join(etc, 'hub.log'), 'utf8');
    expect(log.match(/^127\.0\.0\.1 - - .*"(GET|POST) \/hub\/seen HTTP\/1\.1" 200 /gm)).toHaveLength(2);
  });

  it('TLS of your own', async () => {
    const { cert, key } = makeCertificate();
    writeFileSync(join(etc, 'hub.crt'), cert);
    writeFileSync(join(etc, 'hub.key'), key);
    await use('TLS of your own');
    const seen = await new Promise<Seen>((resolve, reject) => {
      const agent = new Agent({ ca: cert, servername: 'localhost' });
      get({ host: '127.0.0.1', port: tlsPort, path: '/hub/x', agent }, async (answer) => {
        let text = '';
        for await (const chunk of answer) text += chunk;
        resolve(JSON.parse(text));
      }).on('error', reject);
    });
    expect(seen.headers).toContainEqual([expect.stringMatching(/^x-forwarded-proto$/i), 'https']);
    expect((await signalbox.get('/hub/x')).status).toBe(200);
    await signalbox.stop();
  });
});
