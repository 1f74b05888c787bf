import { loadConfigWithStore } from '../store/load-config.ts';
import { defineCommand } from './command.ts';
import { exits } from './exit-codes.ts';
import { settingFlags } from './setting-flags.ts';
import { settingOptions } from './setting-options.ts';

/** `signalbox serve`: reads the configuration and runs the daemon until it is told to stop. */
export const serve = defineCommand({
  name: 'serve',
  summary: 'run the daemon: take routes from the Hub, make the proxy serve them',
  description: [
    'Runs the daemon in the foreground until SIGTERM or SIGINT. Settings come from flags, else SIGNALBOX_* variables, else the YAML file, else their defaults.',
    'SIGHUP looks at certificates at once and has the proxy checked against the whole table.',
    'The token the Hub must show is never a flag, other users could see it. Set SIGNALBOX_API_TOKEN or CONFIGPROXY_AUTH_TOKEN, or name a file: --token-file.',
  ],
  options: {},
  settings: settingOptions(),
  exits: exits(
    ['ok', 'stopped by SIGTERM or SIGINT in good order'],
    ['failed', 'failed while starting or running; the message says why'],
    ['usage', 'the command line or the configuration is wrong; nothing was started'],
  ),
  environment: [
    ['SIGNALBOX_API_TOKEN, CONFIGPROXY_AUTH_TOKEN', 'the token the Hub must show; the first that is set counts'],
    ['SIGNALBOX_READ_TOKEN', 'a token that reads all and changes nothing; or name a file: --read-token-file'],
    [
      'SIGNALBOX_SSL_KEY_PASSPHRASE, SIGNALBOX_API_SSL_KEY_PASSPHRASE',
      'passphrases of encrypted private keys, also under their names of configurable-http-proxy: CONFIGPROXY_…',
    ],
    ['SIGNALBOX_*', 'every setting; the name stands behind each option'],
  ],
  examples: [
    {
      about: 'On all interfaces, with a new token:',
      command: 'CONFIGPROXY_AUTH_TOKEN=$(openssl rand -hex 32) \\\n  signalbox serve --public :80',
      notRun: 'runs until it is stopped, on port 80',
    },
    {
      about: 'With a file, and more in the log:',
      command: 'signalbox serve -c /etc/signalbox.yaml --log-level debug',
      notRun: 'runs until it is stopped',
    },
  ],

  async run({ words, io }) {
    const input = { flags: settingFlags(words), env: io.env, orLastGood: true };
    const { config, warnings } = await loadConfigWithStore(input);
    // late, so that a mistake in the configuration is reported without loading the daemon
    const { runDaemon } = await import('../daemon.ts');
    return runDaemon(config, warnings);
  },
});
