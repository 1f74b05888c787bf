import { addRouteSection } from '../measures/add-route.ts';
import { bulkSection } from '../measures/bulk.ts';
import { morningSection } from '../measures/morning.ts';
import type { Section } from '../measures/section.ts';
import { memorySection, throughputSection } from '../measures/throughput.ts';
import { websocketsSection } from '../measures/websockets.ts';
import { cells } from './cells.ts';
import type { Results } from './results.ts';
import { spread } from './spread.ts';

export const sections: readonly Section[] = [
  addRouteSection,
  bulkSection,
  throughputSection,
  morningSection,
  websocketsSection,
  memorySection,
];

const OPEN = '<!-- The figures of each round:';
const CLOSE = '-->';

/** docs/benchmarks.md: made of the results alone, which stand at its end as data. */
export function page(exact: Results): string {
  // First, so that what is read from the page gives the same page.
  const data = dataOf(exact);
  const results: Results = JSON.parse(data);
  const parts = [
    '<!-- Written by npm run bench, figures and text. -->',
    '# Benchmarks',
    intro(results),
    ...sections.map((section) => `## ${section.title}\n\n${section.text}\n\n${table(section, results)}`),
    `## The machine\n\n${machine(results)}`,
    `${OPEN}\n${data}\n${CLOSE}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The results that a page was made of. */
export function resultsOf(text: string): Results {
  const from = text.lastIndexOf(OPEN) + OPEN.length;
  return JSON.parse(text.slice(from, text.lastIndexOf(CLOSE)));
}

/** JSON with a line for each round, and figures with as many digits as they are worth. */
function dataOf(results: Results): string {
  const digits = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);
  return JSON.stringify(results, digits).replaceAll(',{', ',\n{').replaceAll('[{', '[\n{');
}

function intro({ contenders, missing, machine }: Results): string {
  const rounds = contenders[0]?.rounds.length ?? 0;
  const { middle, most } = spread(contenders);
  const cores = machine.pinned
    ? 'All processes of the contender share one core; what asks and answers it has the rest.'
    : 'Contender, generator and backend share all cores.';
  return [
    `Side by side in one run: ${rounds === 1 ? '1 round' : `${rounds} rounds`}, in each of which every contender is started, measured and stopped, one after the ` +
      `other. Figures are the median of the rounds, in brackets what they are of the first column's. ${cores}`,
    'All are configured as they come, with two exceptions: they log warnings only (access logs stay), and Signalbox has nginx know ' +
      'routes and targets in use after 1 s instead of 10 s, so that this is done when the load begins. Signalbox is measured as it is installed, built.',
    `Between the rounds CPU a request of one and the same contender differed by ${middle} %, at most by ${most} %: where contenders differ by ` +
      'less, that means nothing. Another machine has other figures, and other ratios as well, since JavaScript gains more from a newer processor than nginx does.',
    ...(missing.length > 0 ? [`Not measured: ${missing.join('; ')}.`] : []),
  ].join('\n\n');
}

function table({ rows }: Section, { contenders }: Results): string {
  const lines = [
    ['', ...contenders.map(({ title }) => title)],
    ['---', ...contenders.map(() => '---:')],
    ...rows.map((row) => cells(row, contenders)),
  ];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function machine({ date, minutes, busyBefore, machine, versions }: Results): string {
  const facts: [string, string][] = [
    ['Date', `${date}, ${minutes} minutes`],
    ['Processor', `${machine.processor}, ${machine.cores} cores`],
    ['Memory', `${machine.memoryGb} GB`],
    ['System', `${machine.system}, Linux ${machine.kernel}`],
    ['Load average before', `${busyBefore}; priority of the run: ${machine.priority}`],
    ...Object.entries(versions),
  ];
  return ['| | |', '| --- | --- |', ...facts.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}
