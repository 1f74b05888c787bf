import type { Config } from '../config/schema.ts';
import { VERSION } from '../version.ts';
import { chpOptions } from './chp/chp-options.ts';
import { loadChp } from './chp/load.ts';
import { makeTemporaryFolder, removeTemporaryFolder } from './chp/state-folder.ts';
import { defineCommand } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { isProblem } from './words.ts';

/** What CHP exits with after SIGTERM and SIGINT. */
const AFTER_SIGNAL = 2;

type RunDaemon = (
  config: Config,
  warnings: readonly string[],
  options: { readonly exitCodeAfterSignal: number },
) => Promise<number>;

/** `signalbox chp`: configurable-http-proxy's command line, so that JupyterHub launches Signalbox in its place. */
export const chp = defineCommand({
  name: 'chp',
  summary: "the same with configurable-http-proxy's flags, for JupyterHub to launch",
  description: [
    'Takes the flags and the environment of configurable-http-proxy 5.3, so that JupyterHub launches Signalbox in its place.',
    'Routes are forgotten at the end, unless --persist is given.',
  ],
  options: {},
  settings: chpOptions(),
  exits: [
    { code: EXIT.failed, meaning: 'the command line is wrong, or it failed; the message says why' },
    { code: AFTER_SIGNAL, meaning: 'stopped by SIGTERM or SIGINT in good order, as configurable-http-proxy does' },
  ],
  environment: [
    ['CONFIGPROXY_AUTH_TOKEN', 'the token; without one everybody who reaches the API may change the routes'],
    ['CONFIGPROXY_SSL_KEY_PASSPHRASE, CONFIGPROXY_API_SSL_KEY_PASSPHRASE', 'passphrases of encrypted private keys'],
  ],
  examples: [
    {
      about: 'In jupyterhub_config.py, for the Hub to launch it:',
      command: 'c.ConfigurableHTTPProxy.command = ["signalbox", "chp"]',
      notRun: 'Python',
    },
    {
      about: 'By hand, beside the Hub:',
      command: 'signalbox chp --ip 127.0.0.1 --port 8000 \\\n  --default-target http://127.0.0.1:8081',
      notRun: 'runs until it is stopped',
    },
  ],
  usageExitCode: EXIT.failed,

  async run({ words, io }) {
    if (words.options.some((one) => !isProblem(one) && one.name === 'version')) {
      io.out(`${VERSION}\n`);
      return EXIT.ok;
    }
    const { config, warnings, temporary } = loadChp({ words, env: io.env });
    const { runDaemon }: { runDaemon: RunDaemon } = await import('../daemon.ts');
    const options = { exitCodeAfterSignal: AFTER_SIGNAL };
    if (!temporary) return runDaemon(config, warnings, options);
    const { path, warning } = makeTemporaryFolder(config.stateDir);
    try {
      const all = warning === undefined ? warnings : [...warnings, warning];
      return await runDaemon({ ...config, stateDir: path }, all, options);
    } finally {
      removeTemporaryFolder(path);
    }
  },
});
