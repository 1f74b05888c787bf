import { expect, it } from 'vitest';
import type { Signalbox } from '../../support/signalbox.ts';
import { putTimesAhead } from '../../support/surroundings/wrong-clock.ts';
import { describeEachSceneOnce } from '../scene.ts';

const DAY_MS = 86_400_000;

const lastActivity = async (box: Signalbox) =>
  (await box.api('GET', '/api/routes/user/ada')).json<{ last_activity: string }>().last_activity;
const warnings = (box: Signalbox) => box.logs().match(/routes were last used in the future/g)?.length ?? 0;

describeEachSceneOnce(
  'a clock that was ahead once',
  ({ start }) => {
    it.each([[[]], [['--no-activity']]])('has left no route that looks used for ever (%j)', async (args) => {
      const box = await start({ args });
      await box.add('/user/ada', 'http://127.0.0.1:9');
      await box.stop();
      putTimesAhead(box.stateDir, 30 * DAY_MS);
      const from = Date.now();
      await box.restart();
      const shown = await lastActivity(box);
      expect(Date.parse(shown)).toBeGreaterThanOrEqual(from);
      expect(Date.parse(shown)).toBeLessThanOrEqual(Date.now());
      expect(await lastActivity(box)).toBe(shown);
      const inactive = await box.api('GET', `/api/routes?inactiveSince=${new Date().toISOString()}`);
      expect(Object.keys(inactive.json<object>())).toContain('/user/ada');
      expect(warnings(box)).toBe(1);
      // It is stored as well.
      await box.stop('SIGKILL');
      await box.restart();
      expect([await lastActivity(box), warnings(box)]).toEqual([shown, 1]);
      await box.stop();
    });
  },
  ['nginx'],
);
