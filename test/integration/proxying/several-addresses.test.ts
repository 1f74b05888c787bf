import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { freePort } from '../../support/ports.ts';
import { rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { describeIf, testIf } from '../../support/skip.ts';
import { hostsFile, noOwnHosts, withHosts } from '../../support/surroundings/hosts.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { openEcho } from '../../support/ws-client.ts';
import { startNginx } from '../doctor/sidecar.ts';
import { describeEachSceneOnce, isReady } from '../scene.ts';
import { startRawBackend } from './raw-backend.ts';

const unable = await noOwnHosts();

describeIf(unable === undefined, unable ?? '', 'a name with several addresses', () => {
  describeEachSceneOnce('through', ({ start, proxy }) => {
    let box: Signalbox;
    beforeAll(async () => {
      const file = hostsFile(
        '127.0.0.1 both.test',
        '::1 both.test',
        '127.0.0.2 four.test',
        '127.0.0.3 four.test',
        '127.0.0.4 four.test',
        '::1 four.test',
      );
      box = await start({
        command: [...withHosts(file), process.execPath, BIN, 'serve'],
        args: ['--resolve-interval', '1h'],
      });
    });
    const post = (path: string, body: string) => rawRequest({ port: box.port, method: 'POST', target: path, body });

    test('leads each port to the address that answers there', async () => {
      const four = await startBackend({ name: 'four', host: '127.0.0.1' });
      const six = await startBackend({ name: 'six', host: '::1' });
      await box.add('/four', `http://both.test:${four.port}`);
      await box.add('/six', `http://both.test:${six.port}`);
      for (const name of ['four', 'six', 'four']) {
        expect((await box.get(`/${name}/`)).header('X-Backend')).toBe(name);
        const size = 1_000_000;
        expect((await post(`/${name}/upload`, 'u'.repeat(size))).json()).toMatchObject({ bytes: size });
      }
    });

    test.each(['127.0.0.1', '::1'])('serves a backend that comes after its route, on %s', async (host) => {
      const port = await freePort();
      await box.add('/late', `http://both.test:${port}/base`);
      expect((await box.get('/late/')).status).toBe(503);
      const late = await startBackend({ name: 'late', host, port });
      expect((await box.get('/late/x?y=1')).json()).toMatchObject({ backend: 'late', url: '/base/late/x?y=1' });
      expect((await post('/late/upload', 'u'.repeat(50_000))).json()).toMatchObject({ bytes: 50_000 });
      expect((await post('/late/upload', '')).json()).toMatchObject({ bytes: 0 });
      const websocket = await openEcho(`ws://127.0.0.1:${box.port}/late/ws`);
      await until(() => websocket.report().received > 1, { what: 'an echo' });
      expect(await websocket.stop()).toMatchObject({ lost: 0, reconnects: 0 });
      await late.close();
      expect((await box.get('/late/')).status).toBe(503);
    });

    test('serves a backend that comes back on the other one', async () => {
      const first = await startBackend({ name: 'first', host: '::1' });
      await box.add('/moves', `http://both.test:${first.port}`);
      expect((await box.get('/moves/')).header('X-Backend')).toBe('first');
      await first.close();
      await startBackend({ name: 'second', host: '127.0.0.1', port: first.port });
      expect((await box.get('/moves/')).header('X-Backend')).toBe('second');
      expect((await post('/moves/', 'form=1')).header('X-Backend')).toBe('second');
    });

    test.each(['127.0.0.2', '127.0.0.3', '127.0.0.4', '::1'])(
      'finds the one of four that answers, %s',
      async (host) => {
        const port = await freePort();
        await box.add('/four', `http://four.test:${port}`);
        await startBackend({ name: 'four', host, port });
        expect((await box.get('/four/')).header('X-Backend')).toBe('four');
        expect((await post('/four/', 'form=1')).header('X-Backend')).toBe('four');
      },
    );

    const itOfNginx = testIf(proxy.driver === 'nginx', 'Traefik tries an address for each connection that it opens');
    itOfNginx('sends no request twice that the first has begun to read', async () => {
      const rude = await startRawBackend((_, socket) => socket.destroy());
      await box.add('/rude', `http://both.test:${rude.port}`);
      const other = await startBackend({ name: 'other', host: '::1', port: rude.port });
      for (const method of ['GET', 'POST', 'DELETE']) {
        expect((await rawRequest({ port: box.port, method, target: '/rude/' })).status).toBe(503);
      }
      expect(rude.heads).toHaveLength(3);
      expect(other.counts.requests).toBe(0);
    });
  });

  describeEachSceneOnce(
    "through somebody else's",
    ({ start, proxy }) => {
      test('goes on to the address that answers', async () => {
        const stateDir = join(makeTempDir(), 'state');
        mkdirSync(stateDir, { mode: 0o711 });
        const box = await start({
          command: [...withHosts(hostsFile('127.0.0.1 both.test', '::1 both.test')), process.execPath, BIN, 'serve'],
          args: ['--no-managed', '--no-pin', '--resolve-interval', '1h'],
          stateDir,
          whenReady: false,
        });
        const file = join(stateDir, 'nginx/current/signalbox.conf');
        await until(() => existsSync(file), { what: 'our file' });
        await startNginx(proxy.path, [], `include ${file};`);
        await until(() => isReady(box), { what: 'Signalbox to find nginx' });
        for (const host of ['127.0.0.1', '::1']) {
          const port = await freePort();
          await box.add('/late', `http://both.test:${port}`);
          await startBackend({ name: host, host, port });
          expect((await box.get('/late/')).header('X-Backend')).toBe(host);
        }
      });
    },
    ['nginx'],
  );
});
