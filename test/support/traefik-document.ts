import type { TraefikDifference } from './traefik-differences.ts';

const BEGIN =
  '<!-- This table comes out of test/support/traefik-differences.ts: npm run docs. Change that, not the table. -->';
const END = '<!-- The end of what is made. -->';

/** docs/proxies.md with its table of differences made anew: every one that a test names. */
export function withDifferences(page: string, differences: Readonly<Record<string, TraefikDifference>>): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`the page has no place for the table: ${BEGIN} … ${END}`);
  const rows = Object.values(differences).map(({ what, traefik }) => `| ${cell(what)} | ${cell(traefik)} |`);
  const table = ['| Asked of the proxy | With Traefik |', '|---|---|', ...rows].join('\n');
  return `${page.slice(0, before)}${BEGIN}\n\n${table}\n\n${page.slice(after)}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
