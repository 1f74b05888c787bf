import { expect, it } from 'vitest';
import { freePort } from '../../support/ports.ts';
import { until } from '../../support/wait.ts';
import { describeEachSceneOnce, inParallel } from '../scene.ts';

describeEachSceneOnce(
  "the proxy's errors",
  ({ start }) => {
    it('are counted in our log, however often somebody asks for a dead backend', async () => {
      const signalbox = await start({ args: ['--log-format', 'json'] });
      await signalbox.add('/dead', `http://127.0.0.1:${await freePort()}`);
      const lines = () =>
        signalbox
          .logs()
          .split('\n')
          .filter((line) => line.includes('connect() failed'));
      await signalbox.get('/dead/');
      await until(() => lines().length > 0, { what: 'the first line' });
      await inParallel(4, Array(300).keys(), (i) => signalbox.get(`/dead/${i}`));
      await signalbox.stop();
      expect(lines()).toHaveLength(1);
      expect(JSON.parse(lines()[0] as string)).toMatchObject({ level: 'warn', source: 'nginx', proxyLevel: 'error' });
      expect(lines()[0]?.match(/"level"/g)).toHaveLength(1);
    });
  },
  ['nginx'],
);
