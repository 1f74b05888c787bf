import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { chpPage } from '../../../../scripts/docs/chp.ts';
import { CHP_FLAGS } from '../../../../src/cli/chp/flags.ts';
import { chp } from '../../../../src/cli/chp.ts';
import { manual } from '../../../../src/cli/help.ts';
import { load, problemsOf } from './load-chp.ts';

const flags = CHP_FLAGS.flatMap(({ options }) =>
  Object.entries(options).map(([name, flag]) => ({ name: `--${name}`, ...flag })),
);

/** A value that each flag takes, where any text won't do. */
const VALUES: Record<string, string> = {
  '--ip': '127.0.0.1',
  '--api-ip': '127.0.0.1',
  '--metrics-ip': '127.0.0.1',
  '--port': '9000',
  '--api-port': '9001',
  '--metrics-port': '9002',
  '--redirect-port': '9003',
  '--redirect-to': '443',
  '--ssl-protocol': 'TLSv1_2',
  '--default-target': 'http://127.0.0.1:1',
  '--error-target': 'http://127.0.0.1:1',
  '--protocol-rewrite': 'https',
  '--custom-header': 'X: y',
  '--log-level': 'info',
  '--ssl-ciphers': 'HIGH',
};

it('has every flag of the real CHP, and no other', () => {
  const main = createRequire(import.meta.url).resolve('configurable-http-proxy/package.json');
  const help = execFileSync(process.execPath, [main.replace('package.json', 'bin/configurable-http-proxy'), '--help'], {
    encoding: 'utf8',
  });
  const real = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)( <)?/gm)].map(([, name = '', value]) => [
    name,
    value !== undefined,
  ]);
  const ours = flags.map(({ name, value }) => [name, value !== undefined]);
  const common = [
    ['--version', false],
    ['--help', false],
  ];
  expect([...ours, ...common].sort()).toEqual(real.sort());
});

it.each(flags)('$name: what the documentation says of warnings is so', ({ name, value }) => {
  const argv = value === undefined ? [name] : [name, VALUES[name] ?? (name.endsWith('key') ? '/key' : '/cert')];
  const partner = name.endsWith('-key') ? name.replace(/key$/, 'cert') : name.replace(/cert$/, 'key');
  if (/-ssl-(key|cert)$|^--ssl-(key|cert)$/.test(name)) argv.push(partner, partner.endsWith('key') ? '/key' : '/cert');
  if (/^--(redirect|ssl-(?!key|cert))/.test(name)) argv.push('--ssl-key=/key', '--ssl-cert=/cert');
  if (/^--api-ssl-(?!key|cert)/.test(name)) argv.push('--api-ssl-key=/key', '--api-ssl-cert=/cert');
  if (/^--(api-)?ssl-request-cert$/.test(name)) argv.push(name.replace('request-cert', 'ca'), '/cert');
  if (/^--(api-)?ssl-ca$/.test(name)) argv.push(name.replace('ca', 'request-cert'));
  if (name === '--redirect-to') argv.push('--redirect-port', '80');
  if (name === '--storage-backend') expect(problemsOf(argv)).toHaveLength(1);
  else expect(load(argv).warnings).toHaveLength(name === '--ssl-allow-rc4' ? 1 : 0);
});

it('rows of the tables are not broken by a text', () => {
  for (const row of chpPage().match(/^\| .*$/gm) ?? []) expect([4, 5]).toContain(row.match(/(?<!\\)\|/g)?.length);
});

it('the help has every flag, and fits 80 columns', () => {
  const help = manual(chp, ['chp']);
  for (const { name } of flags) expect(help).toMatch(new RegExp(`^ {4}${name}( |$)`, 'm'));
  expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});
