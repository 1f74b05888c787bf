import { settingOf } from '../config/schema.ts';
import type { DashboardOptions } from '../dashboard/settings.ts';
import type { LogOptions } from '../observe/log.ts';
import { API_ENVIRONMENT, API_OPTIONS, apiUrl } from './client/options.ts';
import { defineCommand } from './command.ts';
import { askPassword } from './dashboard/ask-password.ts';
import { EXIT, exits } from './exit-codes.ts';

type RunDashboard = (options: DashboardOptions, env: NodeJS.ProcessEnv, log: LogOptions) => Promise<number>;

/** As the daemon has them. */
const { choices: LEVELS = [] } = settingOf('log-level');
const { choices: FORMATS = [] } = settingOf('log-format');

/** `signalbox dashboard`: a web page with what the daemon does and who uses it, as a process of its own. */
export const dashboard = defineCommand({
  name: 'dashboard',
  summary: 'run the dashboard: a web page that shows routes, traffic and people, and can act',
  description: [
    'Serves a web page until SIGTERM or SIGINT. It asks the API of a running Signalbox, and goes on while that is away.',
    'As a service of JupyterHub people sign in there, and may what the Hub lets them: it then needs no options. Else they sign in as --login says.',
    'With the read token of Signalbox alone it shows all and changes nothing.',
  ],
  options: {
    ...API_OPTIONS,
    'token-file': { value: 'FILE', about: 'File with the token of the API, which may change routes.' },
    'read-token-file': { value: 'FILE', about: 'File with the token that only reads.' },
    listen: {
      value: 'HOST:PORT',
      about:
        'Where it listens: 127.0.0.1:8002, or where the Hub says. Another address than loopback needs --behind-https.',
    },
    'listen-socket': { value: 'PATH', about: 'A unix socket in its place, for its own group.' },
    prefix: {
      value: 'PATH',
      about: 'Where its URLs begin: the path of --public-url, what the Hub says, or /signalbox/.',
    },
    'public-url': { value: 'URL', about: 'Where browsers find it behind a proxy, which must leave the path as it is.' },
    'behind-https': { about: 'A proxy in front of it speaks https with browsers.' },
    login: {
      value: 'HOW',
      about:
        'token: with a token of the API; password: of a file; header: by a proxy in front; none: nobody signs in, and it only shows. token unless given.',
      choices: ['token', 'password', 'header', 'none'],
    },
    'password-file': { value: 'FILE', about: 'Lines NAME:operate:HASH or NAME:view:HASH, read again when changed.' },
    'hash-password': {
      about: 'Print the HASH of a password, which is asked for or read from standard input, and end.',
    },
    'login-header': { value: 'NAME', about: 'Header in which the proxy in front says who it is.' },
    'login-secret-file': {
      value: 'FILE',
      about: 'What that proxy must send in Signalbox-Login-Secret; not needed on a socket.',
    },
    'hub-url': { value: 'URL', about: 'Where browsers find the Hub, for a service on an origin of its own.' },
    'log-level': {
      value: LEVELS.join('|'),
      about: 'How much it logs.',
      env: ['SIGNALBOX_LOG_LEVEL'],
      default: 'info',
      choices: LEVELS,
    },
    'log-format': {
      value: FORMATS.join('|'),
      about: 'auto is pretty on a terminal, else JSON.',
      env: ['SIGNALBOX_LOG_FORMAT'],
      default: 'auto',
      choices: FORMATS,
    },
  },
  exits: exits(
    ['ok', 'stopped by SIGTERM or SIGINT in good order'],
    ['failed', 'failed while starting or running; the message says why'],
    ['usage', 'the command line or a file is wrong; nothing was started'],
  ),
  environment: [
    ...API_ENVIRONMENT,
    ['SIGNALBOX_READ_TOKEN', 'the token that only reads, where --read-token-file is not given'],
    ['JUPYTERHUB_*', 'as a Hub sets them for its services'],
  ],
  examples: [
    {
      about: 'Beside a daemon on this machine; sign in with its token at http://127.0.0.1:8002/:',
      command: 'signalbox dashboard --token-file /etc/signalbox/token',
      notRun: 'runs until it is stopped',
    },
    {
      about: 'A line of a password file:',
      command: 'hash=$(printf correct-horse | signalbox dashboard --hash-password)\necho "ada:operate:$hash"',
    },
  ],

  async run({ options, io }) {
    if (options['hash-password']) {
      const { hashPassword } = await import('../dashboard/login/password-hash.ts');
      io.out(`${await hashPassword(await askPassword(io))}\n`);
      return EXIT.ok;
    }
    const { 'log-level': level, 'log-format': format, ...rest } = options;
    const log = { level, format } as LogOptions;
    // Late: no other command needs what it is made of.
    const { runDashboard }: { runDashboard: RunDashboard } = await import('../dashboard/run.ts');
    return runDashboard({ ...rest, api: apiUrl(options.api, '--api') }, io.env, log);
  },
});
