import { SignalboxError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { CATALOGUE, type CheckId } from './doctor/catalogue.ts';
import type { Examined } from './doctor/examine.ts';
import { EXIT, exits } from './exit-codes.ts';
import type { Options, OptionValues } from './options.ts';
import { settingFlags } from './setting-flags.ts';
import { settingOptions } from './setting-options.ts';
import { painter } from './terminal-text.ts';
import type { Words } from './words.ts';

const OWN = {
  only: {
    value: 'CHECK',
    repeatable: true,
    about: 'Make this check alone; each is listed below.',
    choices: Object.keys(CATALOGUE),
  },
  json: { about: 'Print JSON: a list of objects with id, result (ok, warn, fail, skipped), message and mend.' },
  'try-reload': { about: "Really run a sidecar's reload command." },
} as const satisfies Options;

/** `signalbox doctor`: what is wrong with a running Signalbox, and how to mend it. */
export const doctor = defineCommand({
  name: 'doctor',
  summary: 'find what is wrong with a running Signalbox, and say how to mend it',
  description: [
    'Looks at a running Signalbox, at its proxy, at the database if it shares its table, and at what lies between them, and says for each thing that is wrong how to mend it. Nothing is changed, except that a few requests go to the public side (HEAD /signalbox-doctor), and that with --try-reload the reload command is run.',
    'It takes the same configuration as serve, from flags, variables and file: run it where the daemon runs, as the same user, in the same container.',
  ],
  options: OWN,
  settings: settingOptions(),
  list: { title: 'CHECKS', rows: Object.entries(CATALOGUE) },
  exits: [
    ...exits(['ok', 'nothing has to be mended; there may be warnings'], ['failed', 'something has to be mended']),
    ...exits('usage'),
  ],
  environment: [['SIGNALBOX_*', 'every setting, as for serve']],
  examples: [
    {
      about: 'With the configuration of the daemon:',
      command: 'signalbox doctor -c /etc/signalbox.yaml',
      notRun: 'test/integration/doctor does, with more flags',
    },
    {
      about: 'Only what is wrong, for a script (jq):',
      command: `signalbox doctor --json -c /etc/signalbox.yaml \\
  | jq -r '.[] | select(.result == "fail") | .id + ": " + .message'`,
      notRun: 'test/integration/doctor does, with more flags',
    },
  ],

  async run({ options, words, io }) {
    const found = await findings(words, options, io.env);
    const { reportText } = await import('./doctor/report.ts');
    io.out(options.json ? `${JSON.stringify(found, undefined, 2)}\n` : reportText(found, painter(io.terminal)));
    return found.some(({ result }) => result === 'fail') ? EXIT.failed : EXIT.ok;
  },
});

// Loaded late: the checks know the drivers, which other commands have no use for.
async function findings(
  words: Words,
  { only, 'try-reload': tryReload }: OptionValues<typeof OWN>,
  env: NodeJS.ProcessEnv,
): Promise<Examined[]> {
  const { loadConfigWithStore } = await import('../store/load-config.ts');
  const { examine } = await import('./doctor/examine.ts');
  const { gather } = await import('./doctor/scene.ts');
  let loaded: Awaited<ReturnType<typeof loadConfigWithStore>>;
  try {
    loaded = await loadConfigWithStore({ flags: settingFlags(words), env });
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
    const mend = `${error.hint ?? 'Mend it'}; nothing else was looked at.`;
    return [{ id: 'configuration', result: 'fail', message: error.message, mend }];
  }
  const wanted = (Object.keys(CATALOGUE) as CheckId[]).filter((id) => only.length === 0 || only.includes(id));
  const scene = await gather(loaded.config, loaded.warnings, tryReload);
  try {
    return await examine(wanted, scene);
  } finally {
    await scene.database?.close();
  }
}
