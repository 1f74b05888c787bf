import { Liquid } from 'liquidjs';
import { expect, it } from 'vitest';
import { nginxCatalogue } from '../../../src/proxies/nginx/catalogue.ts';
import { FILTERS } from '../../../src/proxies/nginx/rendering.ts';
import { traefikCatalogue } from '../../../src/proxies/traefik/catalogue.ts';
import { TRAEFIK_FILTERS } from '../../../src/proxies/traefik/quote.ts';
import { readTemplateFiles } from '../../../src/render/template-files.ts';
import { variableRows } from '../../../src/render/variable-rows.ts';

const catalogues = [
  { catalogue: nginxCatalogue, given: FILTERS },
  { catalogue: traefikCatalogue, given: TRAEFIK_FILTERS },
];

it.each(catalogues)('every template is described, and every filter: $catalogue.proxy', ({ catalogue, given }) => {
  const files = readTemplateFiles(catalogue.ours, undefined);
  expect(Object.keys(catalogue.templates).sort()).toEqual([...files.keys()].sort());
  expect(Object.keys(catalogue.filters).sort()).toEqual(Object.keys(given).sort());
});

it.each(catalogues)(
  'what a template is given by another one is among its variables: $catalogue.proxy',
  ({ catalogue }) => {
    const calls = [...readTemplateFiles(catalogue.ours, undefined).values()].flatMap(({ text }) => [
      ...text.matchAll(/\{%-? render "([^"]+)", ([^%]*?) -?%\}/g),
    ]);
    for (const [, name = '', parameters = ''] of calls) {
      const groups = catalogue.templates[name]?.gets ?? [];
      const known = groups.flatMap(({ schema }) => variableRows(schema)).map((row) => row.name);
      for (const [, variable] of parameters.matchAll(/(\w+):/g)) expect(known, name).toContain(variable);
    }
  },
);

it.each(catalogues)('every variable that a template uses is described: $catalogue.proxy', ({ catalogue }) => {
  const engine = new Liquid();
  for (const [name, { text }] of readTemplateFiles(catalogue.ours, undefined)) {
    const groups = catalogue.templates[name]?.gets ?? [];
    const known = groups.flatMap(({ schema }) => variableRows(schema)).map((row) => row.name);
    for (const filter of Object.keys(catalogue.filters)) engine.registerFilter(filter, String);
    const used = engine.globalVariablesSync(engine.parse(text), { partials: false });
    for (const variable of used) expect(known, name).toContain(variable);
  }
});

it.each(catalogues)('snippets render nothing with us: $catalogue.proxy', ({ catalogue }) => {
  for (const [name, { text }] of readTemplateFiles(catalogue.ours, undefined)) {
    if (name.startsWith('snippets/'))
      expect(text.replace(/\{%-? comment %\}.*\{% endcomment %\}\n/s, ''), name).toBe('');
  }
});
