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
const units = ['signalbox.service', 'signalbox-reload-nginx.path', 'signalbox-reload-nginx.service'];

/** The units in a folder of their own, where systemd takes only what is there. */
function copyUnits(): string {
  const folder = makeTempDir();
  cpSync(join(root, 'systemd'), folder, { recursive: true });
  return folder;
}

test('the service is not started again with a configuration that is wrong', () => {
  const service = readFileSync(join(root, 'systemd/signalbox.service'), 'utf8');
  expect(service).toMatch(new RegExp(`^RestartPreventExitStatus=${EXIT.usage}$`, 'm'));
});

describeIf(missing === undefined, missing ?? '', 'the units of docs/systemd.md', () => {
  test('have no mistakes, with and without their overrides', async () => {
    const folder = copyUnits();
    const service = join(folder, 'signalbox.service');
    // The program is not installed here: a machine where it is would not say so.
    writeFileSync(service, readFileSync(service, 'utf8').replace('/usr/local/bin/signalbox', process.execPath));
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

  test('leave little to do harm with: an exposure below 2.0', async () => {
    const args = ['security', '--offline=true', '--threshold=20', '--no-pager', join(copyUnits(), 'signalbox.service')];
    const { code, output } = await runProcess('systemd-analyze', args);
    expect(code, output).toBe(0);
    expect(output).toMatch(/Overall exposure level for signalbox\.service: 1\.\d/);
  });
});
