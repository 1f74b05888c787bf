#!/usr/bin/env node
// Old syntax only, and nothing but Node's own modules at the top: an old Node must get as far as the sentence below.
import { existsSync, readFileSync } from 'node:fs';

// Meant to have a daemon look at something, or from a machine that means somebody else: none of them may end it, and SIGUSR1
// would open Node's debugger. From the very start: what has just been started may be told to reload.
if (['serve', 'chp', 'dashboard'].includes(process.argv[2])) {
  for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGVTALRM', 'SIGIO', 'SIGSTKFLT'])
    process.on(signal, () => {});
}

const here = (path) => new URL(path, import.meta.url);

const wanted = /(\d+)\.(\d+)/.exec(JSON.parse(readFileSync(here('../package.json'), 'utf8')).engines.node);
const actual = /^v(\d+)\.(\d+)/.exec(process.version);
const [major, minor] = [actual[1] - wanted[1], actual[2] - wanted[2]];

if (major < 0 || (major === 0 && minor < 0)) {
  console.error(
    `signalbox needs Node.js ${wanted[0]} or newer; this is ${process.version}: install a newer one, for example with nvm`,
  );
  process.exit(1);
}

// node:sqlite announces itself as experimental at every start; other warnings are worth seeing
const emitWarning = process.emitWarning;
process.emitWarning = (warning, ...rest) => {
  if (rest[0] === 'ExperimentalWarning' && /SQLite/i.test(String(warning))) return;
  emitWarning.call(process, warning, ...rest);
};

// the package has no src; in a checkout Node runs the TypeScript itself, and a dist there may be old
const source = here('../src/cli/main.ts');
const entry = existsSync(source) ? source : here('../dist/main.js');
import(entry.href)
  .then(({ main }) => main(process.argv.slice(2)))
  // exits even if something still holds the event loop: a daemon that can't stop is worse
  .then((code) => process.exit(code));
