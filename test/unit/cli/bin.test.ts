import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { testIf } from '../../support/skip.ts';

const root = join(import.meta.dirname, '../../..');
const bin = join(root, 'bin/signalbox.js');
/** The Node of the development dependencies: vitest itself may run on another one. */
const modern = join(root, 'node_modules/.bin/node');

/** Runs a Node; `program` says what, the script itself or code to import before it. */
function run(node: string, ...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(node, argv, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/h' },
  });
  return { status, stdout, stderr };
}

/** A Node too old for Signalbox, if this machine has one. */
function findOldNode(): string | undefined {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  return candidates.find((node) =>
    /^v(\d|1\d|20)\./.test(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? ''),
  );
}

const preload = (code: string) => ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
const pretend = (version: string) => preload(`Object.defineProperty(process, 'version', { value: '${version}' })`);
const sentence = (version: string) =>
  `signalbox needs Node.js 22.18 or newer; this is ${version}: install a newer one, for example with nvm\n`;

it.each(['v18.20.4', 'v20.19.0', 'v22.17.9'])('Node %s gets one sentence', (version) => {
  expect(run(modern, ...pretend(version), bin, '--version')).toEqual({
    status: 1,
    stdout: '',
    stderr: sentence(version),
  });
});

it.each(['v22.18.0', 'v23.0.0', 'v100.1.0'])('Node %s is new enough', (version) => {
  expect(run(modern, ...pretend(version), bin, '--version')).toMatchObject({ status: 0, stderr: '' });
});

const old = findOldNode();
testIf(old !== undefined, 'there is no old Node.js on this machine')('a real old Node gets that sentence too', () => {
  const { status, stderr } = run(old ?? '', bin, 'serve');
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^signalbox needs Node\.js 22\.18 or newer; this is v\S+: install a newer one, for example with nvm\n$/,
  );
});

it('the exit code of the command is that of the process', () => {
  expect(run(modern, bin, 'serve', '--driver', 'x')).toMatchObject({ status: 2, stdout: '' });
});

it('the warning of node:sqlite is silenced, and no other', () => {
  const code = `
    process.exit = () => {};
    process.argv = [process.execPath, 'signalbox', '--version'];
    await import(${JSON.stringify(pathToFileURL(bin).href)});
    await import('node:sqlite');
    process.emitWarning('SQLite is an experimental feature', 'ExperimentalWarning');
    process.emitWarning('something else is, too', 'ExperimentalWarning');
    process.emitWarning('SQLite is slow');
  `;
  const { stderr } = run(modern, '--input-type=module', '-e', code);
  expect(stderr).not.toContain('SQLite is an experimental feature');
  expect(stderr).toContain('something else is, too');
  expect(stderr).toContain('SQLite is slow');
});

it('is executable', () => {
  expect(statSync(bin).mode & 0o111).toBe(0o111);
});
