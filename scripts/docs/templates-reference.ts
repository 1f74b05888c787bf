import { nginxCatalogue } from '../../src/proxies/nginx/catalogue.ts';
import { traefikCatalogue } from '../../src/proxies/traefik/catalogue.ts';
import type { Catalogue, VariableGroup } from '../../src/render/catalogue.ts';
import { variableRows } from '../../src/render/variable-rows.ts';

/** docs/templates-reference.md. */
export function templatesReferencePage(): string {
  return `${[HEAD, ...[nginxCatalogue, traefikCatalogue].map(section)].join('\n\n')}\n`;
}

const HEAD = `# Templates and their variables

<!-- Made by \`npm run docs\` from what the code gives the templates. Change that, not this file. -->

How templates are changed is told in [templates.md](templates.md). What may be absent is \`null\`, so \`{% if name %}\` asks for it. A
variable or a filter that is not there is an error.`;

function section({ proxy, templates, filters }: Catalogue): string {
  const groups = [...new Set(Object.values(templates).flatMap(({ gets }) => gets))];
  const rows = Object.entries(templates).map(([name, { about, gets }]) => {
    return `| \`${name}\` | ${about} | ${gets.map(link(proxy)).join(', ') || 'nothing'} |`;
  });
  return [
    `## ${proxy}`,
    `| Template | What it is | Gets |\n|---|---|---|\n${rows.join('\n')}`,
    `| Filter | What it does |\n|---|---|\n${Object.entries(filters)
      .map(([name, about]) => `| \`${name}\` | ${about} |`)
      .join('\n')}`,
    ...groups.map((group) => variables(proxy, group)),
  ].join('\n\n');
}

function variables(proxy: string, { title, about, schema }: VariableGroup): string {
  const rows = variableRows(schema).map((row) => `| \`${row.name}\` | ${row.type} | ${row.about} |`);
  return `### ${proxy}: ${title}\n\n${about}\n\n| Variable | Type | |\n|---|---|---|\n${rows.join('\n')}`;
}

/** As GitHub makes anchors of headings. */
function link(proxy: string) {
  return ({ title }: VariableGroup) => `[${title}](#${`${proxy} ${title}`.toLowerCase().replace(/[^\w]+/g, '-')})`;
}
