import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { which } from '../../../scripts/setup/run.mjs';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { freePort } from '../../support/ports.ts';
import { type Child, startProcess } from '../../support/process.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { missingTraefik, testTraefik } from '../../support/traefik.ts';
import { until } from '../../support/wait.ts';
import { openEcho } from '../../support/ws-client.ts';
import { BIG, bigFile, describeClient } from './stage.ts';

/** Starts a balancer on a port in front of another one. */
type Start = (folder: string, port: number, behind: number) => Child;

const startHaproxy: Start = (folder, port, behind) => {
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout tunnel 30s
  # Else as often as it checks, which a busy machine may be too slow for.
  timeout check 5s
frontend public
  bind 127.0.0.1:${port}
  default_backend hub
backend hub
  # As HTTP/1.0, and without a Host.
  option httpchk OPTIONS /user/ada
  option forwardfor
  default-server check inter 100ms fall 1 rise 1
  server hub 127.0.0.1:${behind}
`,
  );
  return startProcess(which('haproxy') as string, ['-db', '-f', file]);
};

const startNginx: Start = (folder, port, behind) => {
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `
daemon off;
error_log stderr;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  client_max_body_size 0;
  upstream hub { server 127.0.0.1:${behind}; keepalive 8; }
  map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://hub;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
    # With nothing said it speaks HTTP/1.0.
    location /user/ada/plain/ { proxy_pass http://hub; }
  }
}
`,
  );
  return startProcess(anyNginx?.path ?? '', ['-e', 'stderr', '-p', folder, '-c', file]);
};

const startTraefik: Start = (folder, port, behind) => {
  mkdirSync(join(folder, 'dynamic'));
  const file = join(folder, 'static.yml');
  writeFileSync(
    file,
    `
entryPoints: { web: { address: "127.0.0.1:${port}" } }
global: { checkNewVersion: false, sendAnonymousUsage: false }
providers: { file: { directory: ${JSON.stringify(join(folder, 'dynamic'))} } }
`,
  );
  writeFileSync(
    join(folder, 'dynamic/hub.yml'),
    `
http:
  routers: { hub: { rule: PathPrefix(\`/\`), service: hub } }
  services: { hub: { loadBalancer: { servers: [{ url: "http://127.0.0.1:${behind}" }] } } }
`,
  );
  return startProcess(testTraefik?.path ?? '', [`--configFile=${file}`]);
};

const balancers: readonly (readonly [string, Start, string])[] = [
  ['HAProxy', startHaproxy, which('haproxy') ? '' : 'haproxy is not installed'],
  ['nginx', startNginx, anyNginx ? '' : missingNginx],
  ['Traefik', startTraefik, missingTraefik],
];

describeClient('a balancer in front of', (stage) => {
  for (const [balancer, start, missing] of balancers) {
    describeIf(missing === '', missing, balancer, () => {
      let port: number;
      let running: Child;
      beforeAll(async () => {
        port = await freePort();
        running = start(makeTempDir(), port, stage.box.port);
        const isServed = async () => (await rawRequest({ port, target: '/user/ada' })).status === 200;
        await until(() => isServed().catch(() => false), { what: `${balancer} to serve`, timeout: 20_000 });
      });
      afterAll(() => running.stop());

      test('requests one after the other, and who sent them', async () => {
        for (let at = 0; at < 20; at += 1) {
          const answer = await rawRequest({ port, target: `/user/ada/${at}`, headers: [['Host', 'hub.example']] });
          expect(answer.json()).toMatchObject({ url: `/user/ada/${at}` });
        }
        const last = stage.backend.seen.findLast(({ url }) => url === '/user/ada/19');
        const headers = new Map(last?.headers.map(([name, value]) => [name.toLowerCase(), value]));
        expect(headers.get('host')).toBe('hub.example');
        expect(headers.get('x-forwarded-for')?.replaceAll(' ', '')).toBe('127.0.0.1,127.0.0.1');
      });

      test('an upload, a big download, an error page', async () => {
        const { answer } = bigFile();
        const body = Buffer.alloc(BIG, 'a body of many bytes ');
        const upload = await rawRequest({ port, method: 'POST', target: '/user/ada/upload', body, timeout: 30_000 });
        expect(upload.json()).toEqual(answer);
        expect((await rawRequest({ port, target: `/user/ada/bytes/${BIG}` })).body.length).toBe(BIG);
        expect((await rawRequest({ port, target: '/nobody' })).status).toBe(404);
      });

      test('a websocket', async () => {
        const echo = await openEcho(`ws://127.0.0.1:${port}/user/ada/ws`, { interval: 10 });
        await until(() => echo.report().received >= 5, { what: 'five echoes' });
        expect(await echo.stop()).toMatchObject({ lost: 0, outOfOrder: 0, reconnects: 0 });
      });

      if (balancer === 'HAProxy') {
        test('its health checks find the proxy well', async () => {
          const checks = () => stage.backend.seen.filter(({ method }) => method === 'OPTIONS').length;
          const before = checks();
          await until(() => checks() >= before + 5, { what: 'five health checks' });
          expect((await rawRequest({ port, target: '/user/ada' })).status).toBe(200);
        });
      }

      if (balancer === 'nginx') {
        test('as it comes, with HTTP/1.0', async () => {
          expect((await rawRequest({ port, target: '/user/ada/plain/x' })).json()).toMatchObject({
            url: '/user/ada/plain/x',
          });
          expect((await rawRequest({ port, target: `/user/ada/plain/bytes/${BIG}` })).body.length).toBe(BIG);
        });
      }
    });
  }
});
