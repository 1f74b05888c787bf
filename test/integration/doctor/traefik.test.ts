import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { CheckId } from '../../../src/cli/doctor/catalogue.ts';
import type { Examined } from '../../../src/cli/doctor/examine.ts';
import { startBackend } from '../../support/backend.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { describeEachProxyOnce } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { runCli } from '../cli/run-cli.ts';
import { isReady } from '../scene.ts';

describeEachProxyOnce(
  'doctor at a Traefik that someone else runs',
  (proxy) => {
    let signalbox: Signalbox;
    let flags: string[];
    let watched: string;
    let log: string;

    /** A Traefik that watches a folder. */
    async function startTraefik(folder: string, more: readonly string[] = [], throttle = '0s') {
      const [web, api] = [await freePort(), await freePort()];
      const child = startProcess(proxy.path, [
        ...[`--entryPoints.web.address=127.0.0.1:${web}`, `--entryPoints.traefik.address=127.0.0.1:${api}`],
        ...[`--providers.file.directory=${folder}`, '--api.insecure=true'],
        `--providers.providersThrottleDuration=${throttle}`,
        ...[`--accesslog.filepath=${log}`, '--accesslog.format=json', '--global.checkNewVersion=false'],
        ...more,
      ]);
      const urls = { web: `http://127.0.0.1:${web}`, api: `http://127.0.0.1:${api}` };
      await until(async () => child.exit() || (await fetch(`${urls.api}/api/version`)).ok, {
        what: 'Traefik to start',
      });
      expect(child.exit(), child.output()).toBeUndefined();
      return { ...urls, child };
    }

    async function doctor(...more: string[]) {
      const env = { SIGNALBOX_API_TOKEN: signalbox.token, HOME: '/', PATH: process.env.PATH };
      const { out } = await runCli(['doctor', '--json', ...flags, ...more], env);
      const found = JSON.parse(out) as Examined[];
      return { found, of: (id: CheckId) => found.find((finding) => finding.id === id) };
    }

    beforeAll(async () => {
      const dir = makeTempDir();
      watched = join(dir, 'watched');
      mkdirSync(watched);
      log = join(dir, 'access.log');
      const traefik = await startTraefik(watched);
      const settings = [
        ...['--no-managed', '--driver', 'traefik', '--traefik-dir', watched],
        ...['--traefik-url', traefik.web, '--traefik-api', traefik.api, '--traefik-access-log', log],
      ];
      signalbox = await startSignalbox({ proxy, args: settings, whenReady: false });
      await until(() => isReady(signalbox), { what: 'Traefik to serve the table', timeout: 20_000 });
      await signalbox.add('/', (await startBackend()).url);
      flags = [...settings, '--api', `127.0.0.1:${signalbox.apiPort}`, '--state-dir', signalbox.stateDir];
    });

    it('finds nothing wrong when nothing is wrong', async () => {
      const { found } = await doctor();
      // On a busy machine the pace may be as slow as if it were throttled.
      const wrong = found.filter(({ id, result }) => (result === 'fail' || result === 'warn') && id !== 'pace');
      expect(wrong).toEqual([]);
      const sound = ['traefik-folder', 'encoded-characters', 'access-log'] as const;
      for (const id of sound) expect(found.find((finding) => finding.id === id)).toMatchObject({ result: 'ok' });
    });

    it('finds that it watches another folder and logs elsewhere', async () => {
      const other = join(makeTempDir(), 'other');
      mkdirSync(other);
      const kept = log;
      log = join(other, 'access.log');
      const traefik = await startTraefik(other);
      log = kept;
      const { of } = await doctor('--traefik-url', traefik.web, '--traefik-api', traefik.api);
      expect(of('traefik-folder')).toMatchObject({
        result: 'fail',
        message: expect.stringContaining('has no routers of'),
        mend: expect.stringContaining(`providers.file.directory must be ${watched}`),
      });
      expect(of('encoded-characters')).toMatchObject({ result: 'skipped' });
      expect(of('access-log')).toMatchObject({ result: 'fail', message: expect.stringContaining(kept) });
      await traefik.child.stop('SIGTERM');
    });

    it('finds that it refuses encoded characters', async () => {
      const flag = '--entryPoints.web.http.encodedCharacters.allowEncodedSlash=false';
      const traefik = await startTraefik(watched, [flag]);
      await until(async () => (await fetch(traefik.web)).status === 200, { what: 'Traefik to serve the table' });
      const { of } = await doctor('--traefik-url', traefik.web, '--only', 'encoded-characters');
      expect(of('encoded-characters')).toMatchObject({
        result: 'warn',
        message: 'Traefik refuses paths with %2F',
        mend: expect.stringContaining('http.encodedCharacters'),
      });
      await traefik.child.stop('SIGTERM');
    });

    it('finds that it is throttled', async () => {
      const folder = makeTempDir();
      const traefik = await startTraefik(folder, [], '2s');
      const settings = ['--no-managed', '--driver', 'traefik', '--traefik-dir', folder, '--traefik-url', traefik.web];
      const throttled = await startSignalbox({ proxy, args: settings, whenReady: false });
      await until(() => isReady(throttled), { what: 'Traefik to serve the table', timeout: 20_000 });
      for (const key of ['/a', '/b']) await throttled.add(key, 'http://127.0.0.1:9');
      const argv = ['doctor', '--json', '--only', 'pace', ...settings, '--state-dir', throttled.stateDir];
      const env = { SIGNALBOX_API_TOKEN: throttled.token, HOME: '/', SIGNALBOX_API: `127.0.0.1:${throttled.apiPort}` };
      expect(JSON.parse((await runCli(argv, env)).out)).toEqual([
        {
          id: 'pace',
          result: 'warn',
          message: expect.stringMatching(/within [0-9]\.\d s on average/),
          mend: expect.stringContaining('providersThrottleDuration'),
        },
      ]);
      await throttled.stop();
      await traefik.child.stop('SIGTERM');
    });

    it('finds routers that Traefik left out, and why; with one of two entry points, too', async () => {
      const folder = makeTempDir();
      const traefik = await startTraefik(folder);
      const settings = [
        ...['--no-managed', '--driver', 'traefik', '--traefik-dir', folder, '--traefik-url', traefik.web],
        ...['--traefik-api', traefik.api, '--apply-timeout', '1s'],
      ];
      const examined = async (...more: string[]) => {
        const daemon = await startSignalbox({ proxy, args: [...settings, ...more], whenReady: false });
        await daemon.api('POST', '/api/routes/', { target: 'http://127.0.0.1:9' });
        const argv = ['doctor', '--json', '--state-dir', daemon.stateDir, ...settings, ...more];
        const env = { SIGNALBOX_API_TOKEN: daemon.token, HOME: '/', SIGNALBOX_API: `127.0.0.1:${daemon.apiPort}` };
        const found = JSON.parse((await runCli(argv, env)).out) as Examined[];
        await daemon.stop();
        return (id: CheckId) => found.find((finding) => finding.id === id);
      };
      const missing = await examined('--traefik-middlewares', 'nothere@file');
      const why = expect.stringMatching(/nothere@file.* does not exist/);
      expect(missing('ready')).toMatchObject({ result: 'fail', message: why });
      expect(missing('traefik-folder')).toMatchObject({ result: 'fail', message: why });
      expect(missing('encoded-characters')).toMatchObject({
        result: 'skipped',
        message: expect.stringMatching(/newest table/),
      });
      const partly = await examined('--traefik-entry-points', 'web,elsewhere');
      expect(partly('traefik-folder')).toMatchObject({ result: 'warn', message: expect.stringMatching(/elsewhere/) });
      await traefik.child.stop('SIGTERM');
    });

    it('finds that our file is missing, and that the API is elsewhere', async () => {
      const empty = makeTempDir();
      expect((await doctor('--traefik-dir', empty, '--only', 'traefik-folder')).of('traefik-folder')).toMatchObject({
        result: 'fail',
        message: expect.stringContaining('signalbox.yml is not there'),
      });
      const nobody = `http://127.0.0.1:${await freePort()}`;
      expect((await doctor('--traefik-api', nobody, '--only', 'traefik-folder')).of('traefik-folder')).toMatchObject({
        result: 'fail',
        message: expect.stringContaining('does not answer'),
      });
    });
  },
  ['traefik'],
);
