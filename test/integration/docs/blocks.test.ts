import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { missingNginx, testNginxes } from '../../support/nginx.ts';
import { describeIf } from '../../support/skip.ts';
import { type Check, checks } from './checks.ts';
import { type Block, type Page, parsePage, readPages, root } from './pages.ts';
import { missingProgram } from './programs.ts';
import { exposedMetrics } from './rules.ts';
import { type Scene, startScene } from './scene.ts';
import { Shell } from './shell.ts';

/** Made by a script, but their blocks can be run all the same. */
const RUN_ANYWAY = ['docs/chp.md', 'docs/configuration.md', 'docs/rest-api.md'];

const pages = readPages().filter(({ path, generated }) => !generated || RUN_ANYWAY.includes(path));

/** What is wrong with how a block is marked; undefined when it is run here or says why not. */
function unmarked({ place, language, notRun, checkedBy }: Block, page: Page): string | undefined {
  if (notRun !== undefined) return undefined;
  if (checkedBy !== undefined) {
    const file = join(root, checkedBy);
    if (!existsSync(file)) return `${place}: checked by ${checkedBy}, which does not exist`;
    const name = basename(page.path);
    return readFileSync(file, 'utf8').includes(name) ? undefined : `${place}: ${checkedBy} says nothing of ${name}`;
  }
  if (language in checks) return undefined;
  return [
    `${place}: nothing is known of a block of ${language === '' ? 'no language' : `the language ${language}`}.`,
    `Give it one of ${Object.keys(checks).join(', ')} (text is for what a program prints), or one of these on a line before it:`,
    '<!-- checked by: test/…/some.test.ts -->   that test takes the block out of the page, or does what it says',
    '<!-- not run: the reason -->',
  ].join('\n  ');
}

describe('every block in the pages', () => {
  for (const page of pages) {
    test(`of ${page.path} is run or says why not`, () => {
      expect(page.blocks.flatMap((block) => unmarked(block, page) ?? []).join('\n')).toBe('');
    });
  }

  test('without a language or a reason is found', () => {
    const page = parsePage(
      'docs/x.md',
      '```\nls\n```\n<!-- not run: no -->\n```sh\nrm\n```\n<!-- checked by: gone.ts -->\n```c\n```\n',
    );
    expect(page.blocks.map((block) => unmarked(block, page)?.split('\n')[0])).toEqual([
      'docs/x.md:1: nothing is known of a block of no language.',
      undefined,
      'docs/x.md:9: checked by gone.ts, which does not exist',
    ]);
  });
});

const missing = (testNginxes.length > 0 ? undefined : missingNginx) ?? missingProgram('bash') ?? missingProgram('curl');

describeIf(missing === undefined, missing ?? '', 'what the pages say works', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await startScene();
  });

  test('metrics that the pages name are those of the daemon', async () => {
    const named = new Set(readPages().flatMap(({ text }) => text.match(/(?<=`)signalbox_[a-z_]+/g) ?? []));
    const exposed = await exposedMetrics(scene);
    expect([...named].filter((name) => !exposed.has(name))).toEqual([]);
    expect(named.size).toBeGreaterThan(10);
  });

  for (const page of pages) {
    const blocks = page.blocks.filter(
      ({ language, checkedBy }) => language in checks && !checks[language]?.elsewhere && !checkedBy,
    );
    if (blocks.length === 0) continue;
    describe(page.path, () => {
      let shell: Shell;
      beforeAll(async () => {
        shell = new Shell(scene);
        await scene.reset();
      });
      // Elsewhere one follows from the other; in a reference each stands for itself.
      if (page.generated) beforeEach(() => scene.reset());
      for (const block of blocks) {
        const check = checks[block.language] as Check;
        const title = `${block.place} ${block.text.trim().split('\n')[0]}`;
        const why = block.notRun;
        if (why !== undefined) test(title, ({ skip }) => skip(why));
        else test(title, async () => check.run(block.text, scene, shell));
      }
    });
  }
});
