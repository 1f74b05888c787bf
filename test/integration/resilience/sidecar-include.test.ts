import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { startNginx } from '../doctor/sidecar.ts';
import { describeEachSceneOnce, isReady } from '../scene.ts';

const LOG_CONF = 'map $status $loggable { ~^[23] 0; default 1; }\nlog_format short "$status";\n';

describeEachSceneOnce(
  'the include among other files of conf.d',
  ({ start, proxy }) => {
    it('comes first by its name, so that the maps of others find it there', async () => {
      const stateDir = join(makeTempDir(), 'state');
      mkdirSync(stateDir, { mode: 0o711 });
      const signalbox = await start({ stateDir, whenReady: false, args: ['--no-managed', '--no-pin'] });
      const current = join(stateDir, 'nginx/current');
      await until(() => readFileSync(join(current, 'signalbox.conf')), { what: 'our file' });

      const folder = (name: string) => {
        const confD = makeTempDir();
        writeFileSync(join(confD, name), `include ${current}/signalbox*.conf;\n`);
        writeFileSync(join(confD, 'log.conf'), LOG_CONF);
        return `include ${confD}/*.conf;`;
      };
      await expect(startNginx(proxy.path, [], folder('signalbox.conf'))).rejects.toThrow(
        '"map_hash_max_size" directive is duplicate',
      );
      await startNginx(proxy.path, [], folder('00-signalbox.conf'));
      await until(() => isReady(signalbox), { what: 'Signalbox to find nginx' });
      expect((await signalbox.get('/')).status).toBe(404);
      await signalbox.stop();
    });
  },
  ['nginx'],
);
