import { loadConfig } from '../config/load.ts';
import { optionsHelp } from '../config/reference.ts';
import type { Command } from './command.ts';

/** `signalbox serve`: reads the configuration and runs the daemon until it is told to stop. */
export const serve: Command = {
  name: 'serve',
  summary: 'run the daemon: take routes from the Hub, make nginx serve them',

  help: () => `Usage: signalbox serve [-c FILE] [OPTIONS]

Runs the daemon in the foreground until SIGTERM or SIGINT. Settings come from
flags, else SIGNALBOX_* variables, else the YAML file, else their defaults.

Options:
  -c, --config FILE
      YAML file with settings; its keys are the options below without --.
      SIGNALBOX_CONFIG
${optionsHelp()}

The token the Hub must show is never a flag, other users could see it. Set
SIGNALBOX_API_TOKEN or CONFIGPROXY_AUTH_TOKEN, or name a file: --token-file.

Examples:
  CONFIGPROXY_AUTH_TOKEN=$(openssl rand -hex 32) signalbox serve --public :80
  signalbox serve -c /etc/signalbox.yaml --log-level debug
`,

  async run(argv, io) {
    const { config, warnings } = loadConfig({ argv, env: io.env });
    // late, so that a mistake in the configuration is reported without loading the daemon
    const { runDaemon } = await import('../daemon.ts');
    return runDaemon(config, warnings);
  },
};
