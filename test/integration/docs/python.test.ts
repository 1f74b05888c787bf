import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { readPages } from './pages.ts';
import { checkPython, missingJupyterHub } from './python.ts';

const blocks = readPages()
  .flatMap((page) => page.blocks)
  .filter(({ language, notRun, checkedBy }) => language === 'python' && !notRun && !checkedBy);
const MISTAKES = [
  'c.ConfigurableHTTPProxy.comand = []',
  'c.Nothing.x = 1',
  'c.JupyterHub.cleanup_servers = "no"',
  'c.',
];

describeIf(missingJupyterHub === undefined, missingJupyterHub ?? '', 'jupyterhub_config.py in the pages', () => {
  let found: string[];
  beforeAll(async () => {
    const folder = makeTempDir();
    writeFileSync(join(folder, 'token'), 'a-token\n');
    const texts = blocks.map(({ text }) => text.replaceAll('/etc/signalbox/token', join(folder, 'token')));
    found = await checkPython([...texts, ...MISTAKES]);
  }, 90_000);

  blocks.forEach(({ place, text }, index) => {
    test(`is one that the Hub loads: ${place} ${text.split('\n')[0]}`, () => expect(found[index]).toBe(''));
  });

  test('would not pass with a mistake', () => {
    expect(found.slice(blocks.length)).toEqual([
      'ConfigurableHTTPProxy has no setting comand',
      'JupyterHub has no class Nothing',
      expect.stringContaining('cleanup_servers'),
      expect.stringContaining('SyntaxError'),
    ]);
  });
});
