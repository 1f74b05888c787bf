import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { describeIf } from '../../support/skip.ts';
import { hostsFile, withHosts } from '../../support/surroundings/hosts.ts';
import { noSlowDns, startSlowDns } from '../../support/surroundings/slow-dns.ts';
import { until } from '../../support/wait.ts';
import { describeEachSceneOnce } from '../scene.ts';

const NAMES = 1_000;
const unable = await noSlowDns();

describeIf(unable === undefined, unable ?? '', 'while the name server is silent', () => {
  describeEachSceneOnce(
    `with ${NAMES} host names`,
    ({ start }) => {
      test('a daemon comes up with what it had, and adds routes', { timeout: 180_000 }, async () => {
        const dns = await startSlowDns();
        const backend = await startBackend();
        const box = await start({
          command: [...dns.wrap, ...withHosts(hostsFile('127.0.0.1 local.test')), process.execPath, BIN, 'serve'],
          args: ['--resolve-interval', '1s'],
        });
        const target = (name: string) => `http://${name}.test:${backend.port}`;
        const keys = Array.from({ length: NAMES }, (_, user) => `/user/${user}`);
        // This one fits no path: it stands in nginx's configuration.
        keys.push('/user//beside');
        const table = keys.map((key, user) => [key, { target: target(`user-${user}`) }]);
        expect((await box.api('PUT', '/api/routes', Object.fromEntries(table))).status).toBe(200);
        const served = async (path: string) => (await box.get(path)).status === 200;
        const all = async () => (await Promise.all(table.map(([key]) => served(`${key}/`)))).every(Boolean);
        await until(all, { what: 'all names to be found', timeout: 60_000 });

        await box.stop();
        dns.silent = true;
        await box.restart();
        expect(await served('/user/0/')).toBe(true);
        expect(await served(`/user/${NAMES - 1}/`)).toBe(true);
        expect(await served('/user//beside/')).toBe(true);
        const before = dns.asked.length;
        await until(() => dns.asked.length > before, { what: 'a lookup that nobody answers' });

        // A name in the hosts file, an address, and a name that hangs.
        await box.add('/local', target('local'));
        expect(await served('/local/')).toBe(true);
        await box.add('/address', backend.url);
        expect(await served('/address/')).toBe(true);
        await box.add('/slow', target('slow'));
        expect((await box.get('/slow/')).status).toBe(503);

        dns.silent = false;
        await until(() => served('/slow/'), { what: 'the slow name', timeout: 60_000 });
      });
    },
    ['nginx'],
  );
});
