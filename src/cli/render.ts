import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { SignalboxError } from '../errors.ts';
import { offlineProxy } from '../proxies/offline.ts';
import type { OfflineConfig } from '../proxies/offline-proxy.ts';
import { checkKey } from '../routes/key.ts';
import { readIfThere, replaceFile } from '../system/files.ts';
import { defineCommand } from './command.ts';
import { EXIT, exits } from './exit-codes.ts';
import type { Options } from './options.ts';
import { readTable } from './routes/read-table.ts';
import { settingFlags } from './setting-flags.ts';
import { settingOptions } from './setting-options.ts';
import { unifiedDiff } from './unified-diff.ts';

const OPTIONS = {
  routes: {
    value: 'FILE',
    about: 'The routes, as `routes export` writes them; - for standard input. Without it there are none.',
  },
  output: {
    short: 'o',
    value: 'DIR',
    about: 'Write the files there instead of to standard output.',
  },
  diff: { about: 'Compare with the files in DIR, or without -o with those that a daemon has put in place.' },
} as const satisfies Options;

/** `signalbox render`: the proxy's configuration without a daemon. */
export const render = defineCommand({
  name: 'render',
  summary: "show the proxy's configuration that serve would write, without a daemon",
  description: [
    'Takes the settings of signalbox serve, renders its templates and yours, and prints the files. Nothing that a daemon uses is touched; host names of targets are looked up. What the daemon chooses while it runs may differ: which targets keep connections open (pins), and how many segments of paths are looked at.',
    'Routes of the live table are links, not text; routes.txt lists where they would lead.',
  ],
  options: OPTIONS,
  settings: settingOptions(),
  exits: exits('ok', 'failed', 'usage', ['differs', 'with --diff: something is different']),
  examples: [
    { about: 'All of it, without routes:', command: 'signalbox render' },
    {
      about: 'What would another setting change?',
      command: 'signalbox routes export \\\n  | signalbox render --routes - --proxy-timeout 30s --diff',
      notRun: 'asks for a daemon with its default folder',
    },
  ],

  async run({ options: { routes: file, output, diff }, words, io }) {
    const { config } = loadConfig({ flags: settingFlags(words), env: io.env });
    const table = file === undefined ? {} : await readTable(file, io);
    const routes = new Map(
      Object.entries(table).map(([key, route]) => [checkKey(key, { hostRouting: config.hostRouting }), route]),
    );
    const rendered = await offlineProxy(config.driver).render(config, routes);
    if (diff) return compare(rendered, output ?? rendered.inPlace, io.out);
    if (output === undefined) io.out(concatenated(rendered.files));
    else write(rendered.files, output);
    return EXIT.ok;
  },
});

function compare({ files, comparable }: OfflineConfig, dir: string, out: (text: string) => void): number {
  if (!existsSync(dir)) {
    throw new SignalboxError('NOT_FOUND', `there is nothing to compare with: ${dir} does not exist`, {
      hint: 'Name another --state-dir, or a folder with -o DIR.',
    });
  }
  let text = '';
  for (const [name, wanted] of Object.entries(files)) {
    const there = readIfThere(join(dir, name));
    // What is said for people is not in place anywhere.
    if (there === undefined && name.endsWith('.txt')) continue;
    text += unifiedDiff([join(dir, name), comparable(there ?? '')], [`${name} (rendered)`, comparable(wanted)]);
  }
  out(text);
  return text === '' ? EXIT.ok : EXIT.differs;
}

function concatenated(files: OfflineConfig['files']): string {
  return Object.entries(files)
    .map(([name, text]) => `### ${name}\n${text}\n`)
    .join('');
}

function write(files: OfflineConfig['files'], dir: string): void {
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      replaceFile(join(dir, name), text);
    }
  } catch (error) {
    throw new SignalboxError('STATE_UNUSABLE', `${dir} cannot be written`, { cause: error });
  }
}
