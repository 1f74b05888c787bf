import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nginxCatalogue } from '../../../src/proxies/nginx/catalogue.ts';
import { FILTERS } from '../../../src/proxies/nginx/rendering.ts';
import { templateReference } from '../../../src/render/reference.ts';
import { readTemplateFiles } from '../../../src/render/template-files.ts';
import { variableRows } from '../../../src/render/variable-rows.ts';

const files = readTemplateFiles(nginxCatalogue.ours, undefined);

it('docs/templates-reference.md is not stale (node scripts/generate-templates-docs.ts)', () => {
  const page = readFileSync(new URL('../../../docs/templates-reference.md', import.meta.url), 'utf8');
  expect(page).toBe(templateReference([nginxCatalogue]));
});

it('every template is described, and every filter', () => {
  expect(Object.keys(nginxCatalogue.templates).sort()).toEqual([...files.keys()].sort());
  expect(Object.keys(nginxCatalogue.filters).sort()).toEqual(Object.keys(FILTERS).sort());
});

it('what a template is given by another one is among its variables', () => {
  const given = /\{%-? render "([^"]+)", ([^%]*?) -?%\}/g;
  const calls = [...files.values()].flatMap(({ text }) => [...text.matchAll(given)]);
  expect(calls.length).toBeGreaterThan(2);
  for (const [, name = '', parameters = ''] of calls) {
    const groups = nginxCatalogue.templates[name]?.gets ?? [];
    const known = groups.flatMap(({ schema }) => variableRows(schema)).map((row) => row.name);
    for (const [, variable] of parameters.matchAll(/(\w+):/g)) expect(known, name).toContain(variable);
  }
});

it('snippets render nothing with us', () => {
  for (const [name, { text }] of files) {
    if (name.startsWith('snippets/'))
      expect(text.replace(/\{%-? comment %\}.*\{% endcomment %\}\n/s, ''), name).toBe('');
  }
});
