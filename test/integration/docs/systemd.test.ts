import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../../src/cli/exit-codes.ts';
import { runProcess } from '../../support/process.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { parsePage, root } from './pages.ts';
import { missingProgram } from './programs.ts';

const missing = missingProgram('systemd-analyze');
const units = [
  'signalbox.service',
  'signalbox-dashboard.service',
  'signalbox-reload-nginx.path',
  'signalbox-reload-nginx.service',
];
const programs = ['signalbox.service', 'signalbox-dashboard.service'];

/** The units in a folder of their own, where systemd takes only what is there. */
function copyUnits(): string {
  const folder = makeTempDir();
  cpSync(join(root, 'systemd'), folder, { recursive: true });
  return folder;
}

test.each(programs)('%s is not started again with a configuration that is wrong', (name) => {
  const service = readFileSync(join(root, 'systemd', name), 'utf8');
  expect(service).toMatch(new RegExp(`^RestartPreventExitStatus=${EXIT.usage}$`, 'm'));
});

describeIf(missing === undefined, missing ?? '', 'the units of docs/systemd.md', () => {
  test('have no mistakes, with and without their overrides', async () => {
    const folder = copyUnits();
    for (const service of programs.map((name) => join(folder, name))) {
      // The program is not installed here: a machine where it is would not say so.
      writeFileSync(service, readFileSync(service, 'utf8').replace('/usr/local/bin/signalbox', process.execPath));
    }
    const page = parsePage('docs/systemd.md', readFileSync(join(root, 'docs/systemd.md'), 'utf8'));
    const override = page.blocks.find(({ language }) => language === 'ini')?.text ?? '';
    for (const drop of [undefined, override]) {
      if (drop !== undefined) writeFileSync(join(folder, 'signalbox.service.d/override.conf'), drop);
      const files = units.map((name) => join(folder, name));
      const { code, output } = await runProcess('systemd-analyze', ['verify', '--man=no', ...files]);
      expect({ code, output: output.split('\n').filter((line) => /signalbox/.test(line)) }).toEqual({
        code: 0,
        output: [],
      });
    }
  });

  test.each(programs)('leave little to do harm with: %s has an exposure below 2.0', async (name) => {
    const args = ['security', '--offline=true', '--threshold=20', '--no-pager', join(copyUnits(), name)];
    const { code, output } = await runProcess('systemd-analyze', args);
    expect(code, output).toBe(0);
    expect(output).toMatch(/Overall exposure level for signalbox[\w-]*\.service: [01]\.\d/);
  });
});
