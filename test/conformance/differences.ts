import type { Case, Expected, Group } from './case.ts';
import { UNPROMISED } from './compare.ts';

type Row = { name: string; chp: string; signalbox: string };

/** docs/differences-from-chp.md: every difference that the suite asserts, by its reason. */
export function differencesDocument(groups: readonly Group[]): string {
  const cases = groups.flatMap((group) => group.cases);
  const differing = cases.filter((one) => one.difference);
  const faulty = cases.filter((one) => one.fault);
  const sections = groups.flatMap(({ title, cases }) => section(title, cases));
  return `# Differences from configurable-http-proxy

<!-- Made by \`npm run docs\` from test/conformance/cases. Change those, not this file. -->

\`npm test\` starts a real configurable-http-proxy 5.3 and \`signalbox chp\` with the same flags, sends both the same requests, and
compares the answers and what the backends saw, field by field. Of ${cases.length} cases ${differing.length} differ on purpose. Each is
listed here with its reason; for these the suite asserts both answers, so that this page can't become untrue.

Not compared, because no client may rely on it: ${UNPROMISED.map((name) => `\`${name}\``).join(', ')}; the words on error pages; how a
body that the proxy makes itself is framed. \`<name>\` below is a port of the test, a field that begins with \`seen\` is what the
backend saw, and \`2:\` in front of a field is the second request of its case.

${sections.join('\n')}
## Known faults

${faulty.length === 0 ? 'None.' : faulty.map((one) => `- **${one.name}**: ${one.fault}`).join('\n')}
`;
}

function section(title: string, cases: readonly Case[]): string[] {
  const rows = new Map<string, Row[]>();
  for (const { name, difference } of cases) {
    if (!difference) continue;
    const row = { name, chp: fields(difference.chp), signalbox: fields(difference.signalbox) };
    rows.set(difference.why, [...(rows.get(difference.why) ?? []), row]);
  }
  if (rows.size === 0) return [];
  return [`## ${title}\n`, ...[...rows].map(([why, list]) => `${why}\n\n${table(list)}\n`)];
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, chp, signalbox }) => `| ${cell(name)} | ${chp} | ${signalbox} |`);
  return ['| Case | configurable-http-proxy | Signalbox |', '| --- | --- | --- |', ...lines].join('\n');
}

function fields(expected: Expected): string {
  return Object.entries(expected)
    .map(([field, value]) => `${field}: ${show(value)}`)
    .join('<br>');
}

function show(value: Expected[string]): string {
  if (value === null) return '(none)';
  if (value === '') return '(empty)';
  const text = value instanceof RegExp ? value.source : String(value);
  const code = text.includes('`') ? `\`\` ${cell(text)} \`\`` : `\`${cell(text)}\``;
  return `${value instanceof RegExp ? 'like ' : ''}${code}`;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
