import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { parserOf } from '../activity/formats/choose.ts';
import { ConfigError } from '../config/problem.ts';
import type { Config } from '../config/schema.ts';
import { describeError, SignalboxError } from '../errors.ts';
import { offlineProxy } from '../proxies/offline.ts';
import type { CheckLine, OfflineProxy } from '../proxies/offline-proxy.ts';
import { layerState, readLayers } from '../render/layers.ts';
import { oddFolder } from '../render/odd-folder.ts';
import { loadConfigWithStore } from '../store/load-config.ts';
import { alignColumns } from './client/columns.ts';
import { defineCommand, type Io } from './command.ts';
import { EXIT, exits } from './exit-codes.ts';
import type { Options } from './options.ts';
import { settingFlags } from './setting-flags.ts';
import { settingOptions } from './setting-options.ts';
import { printable } from './terminal-text.ts';
import type { Words } from './words.ts';

const OPTIONS = { json: { about: 'Print the checks as JSON.' } } as const satisfies Options;

/** `signalbox check`: would serve start, and would the proxy take what it is given? */
export const check = defineCommand({
  name: 'check',
  summary: 'check configuration, templates, proxy and permissions, without a daemon',
  description: [
    'For use before a restart and in continuous integration, with the settings of signalbox serve. One line a check: ok, warning, failed or skipped. Nothing that a running daemon uses is touched. The configuration is tested by the proxy itself, where its program is on this machine, on sockets in a temporary folder; ports that snippets of yours listen on are opened for a moment.',
  ],
  options: OPTIONS,
  settings: settingOptions(),
  exits: exits(
    ['ok', 'all is well, or there are warnings only'],
    ['failed', 'at least one check failed'],
    ['usage', 'the configuration is wrong; nothing else was checked'],
  ),
  examples: [
    { about: 'Before a restart:', command: 'signalbox check -c /etc/signalbox.yaml', notRun: 'there is no such file' },
  ],

  async run({ options, words, io }) {
    const { config, warnings } = await load(words, io, options.json);
    const checks: CheckLine[] = [];
    for await (const one of allChecks(config, warnings)) {
      checks.push(one);
      if (!options.json) io.out(line(one));
    }
    if (options.json) io.out(`${JSON.stringify(checks, undefined, 2)}\n`);
    return checks.some(({ result }) => result === 'failed') ? EXIT.failed : EXIT.ok;
  },
});

/** What reads JSON is told of a wrong configuration there, too. */
async function load(words: Words, io: Io, json: boolean) {
  try {
    return await loadConfigWithStore({ flags: settingFlags(words), env: io.env });
  } catch (error) {
    const failed = { name: 'configuration', result: 'failed', message: describeError(error) };
    if (json && error instanceof ConfigError) io.out(`${JSON.stringify([failed], undefined, 2)}\n`);
    throw error;
  }
}

async function* allChecks(config: Config, warnings: readonly string[]): AsyncGenerator<CheckLine> {
  yield warnings.length === 0
    ? { name: 'configuration', result: 'ok', message: 'no mistakes' }
    : { name: 'configuration', result: 'warning', message: warnings.join('; ') };
  yield checkState(config);
  if (config.activity && config.activityLog.length > 0) yield checkFormat(config);
  const proxy = offlineProxy(config.driver);
  yield await checkTemplates(config, proxy);
  yield* proxy.check(config);
}

/** A daemon would not start with one that can't be read. */
function checkFormat({ activityFormat }: Config): CheckLine {
  const name = 'activity-format';
  try {
    parserOf(activityFormat, () => undefined, 0);
    return { name, result: 'ok', message: 'it tells time, status and path' };
  } catch (error) {
    return { name, result: 'failed', message: describeError(error) };
  }
}

/** The folder itself, or where it would be made. */
function checkState({ stateDir }: Config): CheckLine {
  let there = stateDir;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
    const message = there === stateDir ? `${stateDir} can be written` : `${stateDir} can be made`;
    return { name: 'state folder', result: 'ok', message };
  } catch (error) {
    const hint = 'Give it to the user that Signalbox runs as, or name another one with --state-dir.';
    return { name: 'state folder', result: 'failed', message: `${there}: ${describeError(error)}`, hint };
  }
}

async function checkTemplates(config: Config, proxy: OfflineProxy): Promise<CheckLine> {
  const name = 'templates';
  try {
    await proxy.render(config, new Map());
    const own = readLayers(proxy.catalogue, config.templates).filter((layered) => layered.own !== undefined);
    const odd = own.map((layered) => ({ name: layered.name, state: layerState(layered) }));
    const alone = odd.filter(({ state }) => state === 'yours alone').map((one) => one.name);
    const moved = odd.filter(({ state }) => state === 'yours, ours has changed').map((one) => one.name);
    if (moved.length > 0) {
      const hint = 'signalbox templates diff shows what has changed with us.';
      return { name, result: 'warning', message: `ours has changed since you copied it: ${moved.join(', ')}`, hint };
    }
    if (alone.length > 0) {
      const hint =
        'Right when another template of yours renders it; else compare the name with signalbox templates list.';
      return { name, result: 'warning', message: `takes the place of none of ours: ${alone.join(', ')}`, hint };
    }
    const astray = config.templates === undefined ? undefined : oddFolder(config.templates, proxy.catalogue);
    if (astray !== undefined) return { name, result: 'warning', message: astray };
    const mine = own.length === 0 ? 'none of your own' : `your own: ${own.map((one) => one.name).join(', ')}`;
    return { name, result: 'ok', message: `can be rendered, ${mine}` };
  } catch (error) {
    const hint = error instanceof SignalboxError ? error.hint : undefined;
    return { name, result: 'failed', message: describeError(error), hint };
  }
}

function line({ name, result, message, hint }: CheckLine): string {
  const text = `${printable(message)}${hint === undefined ? '' : ` (${hint})`}`;
  return alignColumns([[result.padEnd(7), name.padEnd(13), text]]);
}
