import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { runCli } from './run-cli.ts';

const dir = makeTempDir();
writeFileSync(join(dir, 'signalbox-test.yaml'), '');
const FILE = join(dir, 'signalbox-test.yaml');

/** Command lines with one way to go on, and the words that come out. */
const LINES: [line: string, words: string][] = [
  ['signalbox ro', 'routes'],
  ['signalbox help stat', 'help status'],
  ['signalbox routes li', 'routes list'],
  ['signalbox routes --sta', 'routes --stats'],
  ['signalbox routes add --da', 'routes add --data'],
  ['signalbox serve --driver ng', 'serve --driver nginx'],
  ['signalbox serve --driver=tr', 'serve --driver=traefik'],
  ['signalbox serve --no-persi', 'serve --no-persist'],
  ['signalbox chp --error-tar', 'chp --error-target'],
  ['signalbox completion f', 'completion fish'],
  [`signalbox serve -c ${dir}/signalbox-te`, `serve -c ${FILE}`],
  [`signalbox routes import ${dir}/signalbox-te`, `routes import ${FILE}`],
];

const has = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

async function script(shell: string): Promise<string> {
  const { code, out } = await runCli(['completion', shell], {});
  expect(code).toBe(0);
  const file = join(dir, `completion.${shell}`);
  writeFileSync(file, out);
  return file;
}

it('is for shells that there are', async () => {
  expect(await runCli(['completion', 'tcsh'], {})).toMatchObject({
    code: 2,
    err: expect.stringContaining('bash, zsh'),
  });
});

describeIf(has('bash'), 'no bash', 'completion in bash', () => {
  let file: string;
  beforeAll(async () => {
    file = await script('bash');
  });

  it.each(LINES)('%s', (line, words) => {
    // COMP_WORDBREAKS splits at = as well: that is how bash calls it.
    const split = line.split(' ').flatMap((word) => (word.startsWith('--') ? word.split(/(=)/) : word));
    const code = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _signalbox; echo "\${COMPREPLY[*]}"`;
    const found = execFileSync('bash', ['--norc', '-c', code, 'bash', file, ...split], { encoding: 'utf8' }).trim();
    expect(found).toBe(words.split(/[ =]/).at(-1));
  });
});

describeIf(has('zsh'), 'no zsh', 'completion in zsh', () => {
  // A real terminal: what Tab makes of the line is run, and a stand-in shows its words.
  const PLAY = `
    zmodload zsh/zpty
    zpty -b z zsh -f -i
    zpty -w z "PROMPT= RPROMPT=; autoload -Uz compinit; compinit -D -u; source $1; signalbox() { print -r -- \\"GOT:$*\\" }; print -r -- REA''DY"
    shift
    zpty -r -m z out '*READY*'
    for line in "$@"; do
      zpty -w -n z "$line"$'\\t\\n'
      zpty -r -m z out '*GOT:*'$'\\n'
      print -r -- "\${\${out##*GOT:}%%[[:cntrl:]]*}"
    done
    zpty -d z`.replace('\\"GOT:$*\\"', '\\"GOT:\\$*\\"');

  it('completes every line', async () => {
    const file = await script('zsh');
    const lines = LINES.filter(([line]) => !line.startsWith('signalbox help'));
    const args = ['-f', '-c', PLAY, 'zsh', file, ...lines.map(([line]) => line)];
    const found = execFileSync('zsh', args, { encoding: 'utf8', timeout: 30_000 });
    expect(found.trim().split('\n')).toEqual(lines.map(([, words]) => words));
  });
});

describeIf(has('fish'), 'no fish', 'completion in fish', () => {
  let file: string;
  beforeAll(async () => {
    file = await script('fish');
  });

  it.each(LINES)('%s', (line, words) => {
    const code = 'source $argv[1]; complete -C $argv[2]';
    const args = ['--no-config', '-c', code, file, line];
    const found = execFileSync('fish', args, { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: dir } });
    const candidates = found
      .trim()
      .split('\n')
      .map((row) => row.split('\t')[0]);
    expect(candidates).toEqual([words.split(' ').at(-1)]);
  });
});
