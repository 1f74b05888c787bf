import { type ActivityCase, expectedOf, type Verdict } from './cases.ts';

export const MARKERS = ['<!-- matrix: npm run docs -->', '<!-- end of the matrix -->'] as const;

/** docs/activity.md with the matrix as the cases have it. */
export function withMatrix(document: string, cases: readonly ActivityCase[]): string {
  const [before, after] = [document.split(MARKERS[0])[0], document.split(MARKERS[1])[1]];
  return `${before}${MARKERS[0]}\n${matrixTable(cases)}\n${MARKERS[1]}${after}`;
}

function matrixTable(cases: readonly ActivityCase[]): string {
  const rows = cases.map((one) => {
    const verdicts = [one.chp, expectedOf(one)].flatMap(({ during, end }) => [word(during), word(end)]);
    return `| ${[one.name, ...verdicts].join(' | ')} |`;
  });
  const notes = cases.flatMap(({ name, why }) => (why ? [`\n${name}: ${why}.`] : []));
  return [
    '| | CHP, meanwhile | CHP, at the end | Signalbox, meanwhile | Signalbox, at the end |',
    '|---|---|---|---|---|',
    ...rows,
    ...notes,
  ].join('\n');
}

function word(active: Verdict['during']): string {
  return active === undefined ? '' : active ? 'active' : '–';
}
