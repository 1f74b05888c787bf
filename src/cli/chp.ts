import type { Config } from '../config/schema.ts';
import { VERSION } from '../version.ts';
import { chpOptions } from './chp/help.ts';
import { loadChp } from './chp/load.ts';
import { makeTemporaryFolder, removeTemporaryFolder } from './chp/state-folder.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-codes.ts';

/** What CHP exits with after SIGTERM and SIGINT. */
const AFTER_SIGNAL = 2;

type RunDaemon = (
  config: Config,
  warnings: readonly string[],
  options: { readonly exitCodeAfterSignal: number },
) => Promise<number>;

/** `signalbox chp`: configurable-http-proxy's command line, so that JupyterHub launches Signalbox in its place. */
export const chp: Command = {
  name: 'chp',
  summary: "the same with configurable-http-proxy's flags, for JupyterHub to launch",
  usageExitCode: EXIT.failed,

  help: () => `Usage: signalbox chp [OPTIONS]

Takes the flags and the environment of configurable-http-proxy 5.3, so that
JupyterHub launches Signalbox in its place:

  c.ConfigurableHTTPProxy.command = ["signalbox", "chp"]

The token is taken from CONFIGPROXY_AUTH_TOKEN, passphrases of private keys from
CONFIGPROXY_SSL_KEY_PASSPHRASE and CONFIGPROXY_API_SSL_KEY_PASSPHRASE. Routes
are forgotten at the end, unless --persist is given.

${chpOptions()}
`,

  async run(argv, io) {
    if (argv.some((word) => word === '--version' || word === '-V')) {
      io.out(`${VERSION}\n`);
      return EXIT.ok;
    }
    const { config, warnings, temporary } = loadChp({ argv, env: io.env });
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
};
