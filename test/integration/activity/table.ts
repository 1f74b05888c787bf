import { traefikDifferences } from '../../support/traefik-differences.ts';
import { type ActivityCase, expectedOf, type Verdict } from './cases.ts';

export const MARKERS = ['<!-- matrix: npm run docs -->', '<!-- end of the matrix -->'] as const;

/** docs/activity.md with the matrix as the cases have it. */
export function withMatrix(document: string, cases: readonly ActivityCase[]): string {
  const [before, after] = [document.split(MARKERS[0])[0], document.split(MARKERS[1])[1]];
  return `${before}${MARKERS[0]}\n${matrixTable(cases)}\n${MARKERS[1]}${after}`;
}

function matrixTable(cases: readonly ActivityCase[]): string {
  const rows = cases.map((one) => {
    const verdicts = [one.chp, expectedOf(one, 'nginx')].flatMap(({ during, end }) => [word(during), word(end)]);
    return `| ${[one.name, ...verdicts].join(' | ')} |`;
  });
  const notes = cases.flatMap(({ name, why, traefik }) => [
    ...(why ? [`\n${name}: ${why}.`] : []),
    ...(traefik ? [`\nThrough Traefik, ${name}: ${traefikNote(traefik)}`] : []),
  ]);
  return [
    '| | CHP, meanwhile | CHP, at the end | Signalbox, meanwhile | Signalbox, at the end |',
    '|---|---|---|---|---|',
    ...rows,
    ...notes,
  ].join('\n');
}

function traefikNote({ verdict: { during, end }, difference }: NonNullable<ActivityCase['traefik']>): string {
  const verdicts = [during === undefined ? [] : `meanwhile ${word(during)}`, `at the end ${word(end)}`].flat();
  return `${verdicts.join(', ')}. ${traefikDifferences[difference].traefik}`;
}

function word(active: Verdict['during']): string {
  return active === undefined ? '' : active ? 'active' : '–';
}
