import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { matchRoute } from '../../../src/routes/match.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { startNginx } from '../doctor/sidecar.ts';
import { putRoutes } from '../proxying/combinations.ts';
import { describeEachScene, isReady } from '../scene.ts';
import { asTraefikReads, isDoubtful, KEYS, KNOWN, startUsers, tableOf } from './crossing-paths.ts';

const table = tableOf(KEYS);

/** `refuses`: what this proxy answers where it won't serve a path that is no one's trick. */
async function check(port: number, refuses: (path: string) => boolean = () => false): Promise<void> {
  for (const path of KNOWN) {
    const answer = await rawRequest({ port, target: path });
    const backend = answer.header('X-Backend');
    if (backend === undefined) {
      expect(answer.status, path).toBe(400);
      expect(isDoubtful(path) || refuses(path), path).toBe(true);
    } else {
      expect(backend, path).toBe(matchRoute(table, asTraefikReads(path), undefined));
    }
  }
  expect((await rawRequest({ port, target: '/user/ada/x' })).header('X-Backend')).toBe('/user/ada');
}

describeEachScene(
  'no path leads to another user through a sidecar',
  ({ start, proxy }) => {
    it('in whose http block slashes are merged', async () => {
      const stateDir = join(makeTempDir(), 'state');
      mkdirSync(stateDir, { mode: 0o711 });
      const signalbox = await start({ stateDir, whenReady: false, args: ['--no-managed', '--no-pin'] });
      const http = `merge_slashes on; underscores_in_headers off; include ${stateDir}/nginx/current/signalbox.conf;`;
      const { pidFile } = await startNginx(proxy.path, [], http);
      await signalbox.stop();
      await signalbox.restart(['--nginx-pid-file', pidFile]);
      await until(() => isReady(signalbox), { what: 'Signalbox to find nginx' });
      await putRoutes(signalbox, await startUsers(KEYS));
      await check(signalbox.port);
    });
  },
  ['nginx'],
);

const everything = {
  allowEncodedSlash: true,
  allowEncodedBackSlash: true,
  allowEncodedNullCharacter: true,
  allowEncodedSemicolon: true,
  allowEncodedPercent: true,
  allowEncodedQuestionMark: true,
  allowEncodedHash: true,
};
const nothing = Object.fromEntries(Object.keys(everything).map((name) => [name, false]));

describeEachScene(
  'no path leads to another user through a sidecar',
  ({ start, proxy }) => {
    it.each([
      ["Traefik's own settings", {}, []],
      ['paths as they are sent', { http: { sanitizePath: false, encodedCharacters: everything } }, []],
      ['paths sanitized, all encodings allowed', { http: { sanitizePath: true, encodedCharacters: everything } }, []],
      ['no encodings allowed', { http: { encodedCharacters: nothing } }, []],
      ['routers side by side', { http: { sanitizePath: false, encodedCharacters: everything } }, ['--no-traefik-tree']],
      ['routers side by side, paths sanitized', { http: { encodedCharacters: everything } }, ['--no-traefik-tree']],
    ] as const)('whose entry point has %s', async (_, settings, args) => {
      const [home, port] = [makeTempDir(), await freePort()];
      const dir = join(home, 'dynamic');
      mkdirSync(dir);
      const config = {
        global: { checkNewVersion: false, sendAnonymousUsage: false },
        entryPoints: { web: { address: `127.0.0.1:${port}`, ...settings } },
        providers: { providersThrottleDuration: '50ms', file: { directory: dir } },
      };
      writeFileSync(join(home, 'traefik.yml'), JSON.stringify(config));
      startProcess(proxy.path, [`--configFile=${join(home, 'traefik.yml')}`]);
      const where = [
        '--no-managed',
        '--no-activity',
        '--traefik-dir',
        dir,
        '--traefik-url',
        `http://127.0.0.1:${port}`,
      ];
      const signalbox = await start({ args: [...where, ...args] });
      await putRoutes(signalbox, await startUsers(KEYS));
      // What encodings an entry point lets pass is its operator's choice, and double slashes become one when it sanitizes.
      await check(port, (path) => /%|\/\//.test(path));
    });
  },
  ['traefik'],
);
