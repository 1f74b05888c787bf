import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { freePort, isPortFree } from '../../support/ports.ts';
import { listProcesses } from '../../support/process-tree.ts';
import { describeEachProxyOnce } from '../../support/proxies.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until, within } from '../../support/wait.ts';
import { openEcho } from '../../support/ws-client.ts';
import { type Chp, launch, launched } from './launch.ts';

describeEachProxyOnce('signalbox chp', (proxy) => {
  let backend: Backend;

  beforeAll(async () => {
    backend = await startBackend({});
  });

  /** nginx's master processes that run out of the temporary folder of this one, or Traefik's. */
  const masters = ({ tmp }: Chp) => {
    const titled = listProcesses().filter(
      ({ command }) => / master process | --configFile=/.test(command) && command.includes(tmp),
    );
    // A worker that was forked a moment ago still bears its master's title.
    return titled.filter(({ ppid }) => !titled.some(({ pid }) => pid === ppid));
  };

  async function end(chp: Chp): Promise<void> {
    chp.child.kill('SIGTERM');
    await within(5_000, 'the end of signalbox chp', chp.child.exited);
  }

  describe('its end', () => {
    it('leaves no process, port or folder after a SIGTERM, with the exit code of configurable-http-proxy', async () => {
      const chp = await launched({ proxy });
      await chp.api('POST', '/api/routes/user/ada', { target: backend.url });
      expect((await chp.get('/user/ada/status/200')).status).toBe(200);
      const echo = await openEcho(`ws://127.0.0.1:${chp.port}/user/ada/ws`);
      await end(chp);
      expect(chp.child.exit()).toMatchObject({ code: 2 });
      expect(masters(chp)).toEqual([]);
      expect(await isPortFree(chp.port)).toBe(true);
      expect(await isPortFree(chp.apiPort)).toBe(true);
      expect(readdirSync(chp.tmp)).toEqual([]);
      await echo.stop();
    });

    it('after a SIGKILL: the next one on the same ports has an empty table and one proxy, which serves what it served for a while', async () => {
      const first = await launched({ proxy });
      for (const user of ['ada', 'bob', 'eve']) {
        await first.api('POST', `/api/routes/user/${user}`, { target: backend.url });
      }
      const answers = new Set<number>();
      const ask = async (user: string) => {
        const { status } = await first.get(`/user/${user}/status/200`);
        answers.add(status);
        return status;
      };
      first.child.kill('SIGKILL');
      await first.child.exited;
      expect((await first.get('/user/ada/status/200')).status, 'users are served meanwhile').toBe(200);
      // What it was about to keep serving is known to the one after it.
      const between = await launched({ proxy, like: first });
      between.child.kill('SIGKILL');
      await between.child.exited;
      const starting = launched({ proxy, like: first });
      let second: Chp | undefined;
      starting.then((chp) => {
        second = chp;
      });
      await until(async () => [await ask('ada'), second].every(Boolean) && second, {
        what: 'the next one',
        timeout: 30_000,
      });
      second = await starting;
      expect((await second.api('GET', '/api/routes')).json()).toEqual({});
      // The Hub puts one back, as another says that one is gone for good.
      expect((await second.api('POST', '/api/routes/user/ada', { target: backend.url })).status).toBe(201);
      expect((await second.api('POST', '/api/routes/user/bob', { target: backend.url })).status).toBe(201);
      expect(await Promise.all(['ada', 'bob', 'eve'].map(ask))).toEqual([200, 200, 200]);
      expect([...answers], 'users are served all the time').toEqual([200]);
      expect((await second.api('DELETE', '/api/routes/user/bob')).status).toBe(204);
      expect(await ask('bob'), 'a route that was removed').toBe(404);
      await until(async () => (await ask('eve')) === 404, {
        what: 'the end of what nobody put back',
        timeout: 20_000,
      });
      expect(await ask('ada')).toBe(200);
      expect(masters(second)).toHaveLength(1);
      await end(second);
      expect(masters(second)).toEqual([]);
    });

    it('--persist keeps the routes in SQLite', async () => {
      const stateDir = join(makeTempDir(), 'state');
      const args = ['--persist', '--state-dir', stateDir];
      const first = await launched({ proxy, args });
      await first.api('POST', '/api/routes/user/ada', { target: backend.url });
      await end(first);
      const second = await launched({ proxy, args, like: first });
      expect((await second.get('/user/ada/status/200')).status).toBe(200);
      await end(second);
    });
  });

  it('--ip=:: is for clients of IPv4, too, as everywhere but in nginx', async () => {
    const chp = await launched({ proxy, args: ['--ip=::', '--api-ip=::'] });
    await chp.api('POST', '/api/routes/user/ada', { target: backend.url });
    expect((await chp.get('/user/ada/status/200')).status).toBe(200);
    await end(chp);
  });

  it('says in text which routes come and go, as configurable-http-proxy does', async () => {
    const chp = await launched({ proxy });
    await chp.api('POST', '/api/routes/user/ada', { target: backend.url });
    await chp.api('DELETE', '/api/routes/user/ada');
    expect(chp.child.stdout()).toMatch(new RegExp(`^\\d\\d:.* INFO {2}Route added /user/ada -> ${backend.url}$`, 'm'));
    expect(chp.child.stdout()).toMatch(/^\d\d:.* INFO {2}Removing route \/user\/ada$/m);
    await end(chp);
  });

  it('--default-target is there as soon as anything listens', async () => {
    const chp = await launch({ proxy, args: [`--default-target=${backend.url}`] });
    const answers = new Set<unknown>();
    const ask = async () => {
      const [table, page] = await Promise.allSettled([chp.api('GET', '/api/routes'), chp.get('/status/200')]);
      if (table.status === 'fulfilled') answers.add(Object.keys(table.value.json<object>()).join());
      if (page.status === 'fulfilled') answers.add(page.value.status);
      return answers.has(200);
    };
    await until(ask, { what: 'the default target', interval: 1, timeout: 20_000 });
    // Traefik listens before it has read its routers, and says so (503), but for the very first milliseconds (404).
    if (proxy.driver === 'traefik') for (const early of [404, 503]) answers.delete(early);
    for (let number = 0; number < 20; number++) await ask();
    expect(answers).toEqual(new Set(['/', 200]));
    await end(chp);
  });

  describe('beside others', () => {
    it('never touches a stranger on its port, and says who holds it', async () => {
      const stranger = createServer((socket) => socket.end('still here'));
      const port = await freePort();
      await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
      onCleanup(() => stranger.close());
      const chp = await launch({ proxy, args: [`--port=${port}`] });
      const exit = await within(20_000, 'the end of signalbox chp', chp.child.exited);
      expect(exit.code).toBe(1);
      expect(chp.child.output()).toContain(`pid ${process.pid}`);
      expect(stranger.listening).toBe(true);
    });

    it('lets two on different ports live side by side', async () => {
      const one = await launched({ proxy });
      const other = await launched({ proxy });
      await one.api('POST', '/api/routes/', { target: backend.url });
      await end(other);
      expect((await one.get('/status/200')).status).toBe(200);
      expect(masters(one)).toHaveLength(1);
      await end(one);
    });
  });

  describe('with TLS', () => {
    const dir = makeTempDir();
    const files = { key: join(dir, 'key.pem'), cert: join(dir, 'cert.pem') };
    const write = (commonName: string) => {
      const { key, cert } = makeCertificate(commonName);
      // By rename, as tools for certificates do it: nginx from 1.27.4 on keeps, over a reload, a file of the same inode
      // and second (ssl_object_cache_inheritable).
      for (const [file, text] of [
        [files.key, key],
        [files.cert, cert],
      ] as const) {
        writeFileSync(`${file}.new`, text);
        renameSync(`${file}.new`, file);
      }
    };
    const tlsArgs = [`--ssl-key=${files.key}`, `--ssl-cert=${files.cert}`];
    const commonName = ({ port }: Chp) =>
      new Promise<string>((resolve, reject) => {
        const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
          resolve(String(socket.getPeerCertificate().subject.CN));
          socket.destroy();
        });
        socket.on('error', reject);
      });
    const protocol = ({ port }: Chp) =>
      new Promise<string | false | null>((resolve, reject) => {
        const options = { host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] };
        const socket = connectTls(options, () => {
          resolve(socket.alpnProtocol);
          socket.destroy();
        });
        socket.on('error', reject);
      });

    it('speaks HTTP/2 with browsers, and websockets over HTTP/1.1', async () => {
      write('first');
      const chp = await launched({ proxy, args: tlsArgs, tls: true });
      await chp.api('POST', '/api/routes/', { target: backend.url });
      expect(await protocol(chp)).toBe('h2');
      const session = connectHttp2(`https://127.0.0.1:${chp.port}`, { rejectUnauthorized: false });
      const status = await new Promise((resolve, reject) => {
        const request = session.request({ ':path': '/status/200' });
        request.on('response', (headers) => resolve(headers[':status']));
        request.on('error', reject);
        request.end();
      });
      session.close();
      expect(status).toBe(200);
      const echo = await openEcho(`wss://127.0.0.1:${chp.port}/ws`, { insecure: true });
      await until(() => echo.report().received > 2, { what: 'echoes' });
      expect(await echo.stop()).toMatchObject({ lost: 0, reconnects: 0 });
      await end(chp);
    });

    it('--no-http2 turns it off', async () => {
      write('first');
      const chp = await launched({ proxy, args: [...tlsArgs, '--no-http2'], tls: true });
      expect(await protocol(chp)).toBe('http/1.1');
      await end(chp);
    });

    it('takes up renewed certificates without dropping a connection', async () => {
      write('first');
      const chp = await launched({ proxy, args: tlsArgs, tls: true });
      await chp.api('POST', '/api/routes/', { target: backend.url });
      const echo = await openEcho(`wss://127.0.0.1:${chp.port}/ws`, { insecure: true });
      expect(await commonName(chp)).toBe('first');
      write('second');
      await until(async () => (await commonName(chp)) === 'second', { what: 'the new certificate', timeout: 20_000 });
      const before = echo.report().received;
      await until(() => echo.report().received > before, { what: 'another echo on the old connection' });
      expect(await echo.stop()).toMatchObject({ lost: 0, reconnects: 0 });
      await end(chp);
    });
  });

  it('writes its pid file without a line break and removes it', async () => {
    const pidFile = join(makeTempDir(), 'pid');
    const chp = await launched({ proxy, args: ['--pid-file', pidFile] });
    expect(readFileSync(pidFile, 'utf8')).toBe(String(chp.child.pid));
    await end(chp);
    expect(() => readFileSync(pidFile)).toThrow('ENOENT');
  });
});
