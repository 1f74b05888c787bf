import { CHP_FLAGS } from '../../src/cli/chp/flags.ts';
import { OWN_DEFAULTS, OWN_KEYS } from '../../src/cli/chp/own-flags.ts';
import type { Option } from '../../src/cli/options.ts';
import { settingOf } from '../../src/config/schema.ts';

const NO_EFFECT_IN_CHP = 'taken, no effect, as with CHP';

/** What is different behind nginx; nothing where a flag does what it does in CHP. */
const NOTES: Readonly<Record<string, string>> = {
  ip: '`*` means all interfaces, with a warning',
  port: 'what is no number counts as not given',
  socket: 'one that a killed proxy left is replaced',
  'api-ip': '`*` means all interfaces, with a warning; `localhost` is all of its addresses',
  'api-socket': 'mode 0600',
  'metrics-ip': '`*` means all interfaces, with a warning',
  'metrics-socket': 'mode 0666',
  'redirect-port': 'as with CHP not when the public side is port 80 or a socket, but then with a warning',
  'ssl-cert': 'with HTTP/2 too; a renewed file is taken up without a dropped connection',
  'ssl-request-cert': 'needs `--ssl-ca`; who is turned away gets a 400 of nginx, not a failed handshake',
  'ssl-reject-unauthorized': NO_EFFECT_IN_CHP,
  'ssl-protocol': '`TLSv1_2` and `TLSv1_3`; older ones are warned about, and 1.2 and 1.3 are spoken',
  'ssl-allow-rc4': 'no effect, with a warning',
  'api-ssl-cert': 'a renewed file is taken up without a dropped connection',
  'api-ssl-request-cert': 'needs `--api-ssl-ca`',
  'api-ssl-reject-unauthorized': NO_EFFECT_IN_CHP,
  'client-ssl-request-cert': NO_EFFECT_IN_CHP,
  'client-ssl-reject-unauthorized': NO_EFFECT_IN_CHP,
  insecure: 'has the effect that CHP only promises',
  'default-target': 'has to be a URL: exit 1 otherwise, where CHP would answer 500 later',
  'custom-header':
    'names that HTTP does not allow, control characters, and headers of the connection itself are refused',
  timeout:
    'while the client is to send or to take something; a wait for a silent backend is for `--proxy-timeout`, with an answer: 503',
  'proxy-timeout': 'an answer that has begun is cut off, where CHP hangs',
  'log-level': 'in any case; any other word: silence',
  'storage-backend': 'refused, for it names a JavaScript module of CHP: `--persist` keeps the table in SQLite',
};

/** docs/chp.md. */
export function chpPage(): string {
  return `# In the place of configurable-http-proxy

<!-- Made by \`npm run docs\` from src/cli/chp/ and scripts/docs/chp.ts: change it there. -->

\`signalbox chp\` takes the command line and the environment of configurable-http-proxy 5.3 (CHP), and has its exit codes.
JupyterHub needs nothing new, and nothing in Python is installed.

## Launched by the Hub

\`\`\`python
c.ConfigurableHTTPProxy.command = ["signalbox", "chp"]
\`\`\`

The Hub starts it, gives it the token in \`CONFIGPROXY_AUTH_TOKEN\`, puts the routes there, watches it and stops it, as it does
with CHP. Options of Signalbox stand behind: \`["signalbox", "chp", "--nginx", "/usr/sbin/nginx"]\`.

- The table is empty after a restart, as the Hub expects. With \`--persist\` it is kept.
- On SIGTERM and SIGINT it ends within a second, with its nginx, and exits with 2. It leaves no port, no file, no process.
  So it does on [other signals](operations.md#signals), but for SIGHUP, of which CHP dies: here it has certificates looked at.
- After SIGKILL nginx serves on. The next \`signalbox chp\` on the same public address knows it by its folder and takes it over.
  Its table is empty, as CHP's is, but users don't notice: a route that nginx served, and that the Hub has not spoken of since, is served
  until no change has come for five seconds (a minute at most). \`GET /api/routes\` does not show it.

## Beside the Hub

\`\`\`python
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:8001"
c.ConfigurableHTTPProxy.auth_token = "…"  # the same as SIGNALBOX_API_TOKEN
\`\`\`

Here \`signalbox serve\` is the better command: it has a configuration file, keeps the table, and exits with 0 when it is
stopped ([configuration.md](configuration.md)). \`signalbox chp\` works as well. Users are served while the Hub is away.

## The token

Without \`CONFIGPROXY_AUTH_TOKEN\`, or with an empty one, everyone who reaches the API may change the routes. That is CHP's
contract, so \`signalbox chp\` keeps it, on every address, with a warning. \`signalbox serve\` refuses such a configuration off
loopback. JupyterHub always sets a token.

## Flags of configurable-http-proxy

\`--flag value\` or \`--flag=value\`. What is wrong is named on stderr, all of it at once, and the exit code is 1. "As CHP"
means: same effect.

| Flag | Default | What it does | Behind nginx |
| --- | --- | --- | --- |
${CHP_FLAGS.flatMap(({ options }) => Object.entries(options).map(row)).join('\n')}
| \`-V\`, \`--version\`; \`-h\`, \`--help\` | | to stdout, exit 0 | the version is that of Signalbox |

Environment: \`CONFIGPROXY_AUTH_TOKEN\`, \`CONFIGPROXY_SSL_KEY_PASSPHRASE\`, \`CONFIGPROXY_API_SSL_KEY_PASSPHRASE\`. Variables
\`SIGNALBOX_*\` are settings of \`signalbox serve\` and are not read, but for the passphrases.

With TLS on the public side browsers get HTTP/2 too; websockets go on over HTTP/1.1.

## Flags of Signalbox

| Flag | Default | What it does |
| --- | --- | --- |
${OWN_KEYS.map(ownRow).join('\n')}

## The state folder

Without \`--state-dir\` it is \`signalbox-chp-UID-HASH\` in the system's temporary folder. The hash is that of the public address:
proxies on other ports don't meet, and a successor finds what a killed one left. Only its owner can list it (as root it has mode
0711, for nginx's workers pass through); one that somebody else made is not used. It is removed at the end. Where the temporary
folder is cleaned by age (systemd-tmpfiles after 10 days), give a \`--state-dir\`, or exempt the name. A \`TMPDIR\` that is too long
for a unix socket, has a name that can't stand in a configuration, can't be written to, or (as root) shuts other users out is passed over
for \`/run\` (as root), \`XDG_RUNTIME_DIR\`, \`/tmp\`, \`/var/tmp\` or \`/dev/shm\`.
With \`--persist\` it is \`chp-HASH\` in the state folder of \`signalbox serve\`, and stays.

## Metrics

\`/metrics\`, without a token, on the listener of \`--metrics-port\` or \`--metrics-socket\`, and on the API. Beside \`signalbox_*\`,
\`process_*\` and \`nodejs_*\` there are CHP's

- \`api_route_get\`, \`api_route_add\`, \`api_route_delete\`, \`requests_api{status}\`: counted as CHP counts them.
- \`requests_web\`, \`requests_ws\`, \`requests_proxy{status}\`: from nginx's access log, so counted when they end, a websocket maybe hours after CHP, which counts it at its start; not with \`--no-activity\`. How many are open tells \`openConnections\` of \`GET /api/routes?stats=1\`.
- \`find_target_for_req\`, \`last_activity_updating\`: never. They are times that CHP takes in the path of a request, where Signalbox is not;
  \`signalbox_apply_seconds\` is the nearest relative.
`;
}

function row([name, { value, default: text = '', about }]: [string, Option]): string {
  const usage = value === undefined ? `--${name}` : `--${name} ${value}`;
  return `| \`${usage}\` | ${text} | ${about.replaceAll('|', '\\|')} | ${NOTES[name] ?? 'as CHP'} |`;
}

function ownRow(key: (typeof OWN_KEYS)[number]): string {
  const { kind, description, default: text } = settingOf(key);
  const shown = key === 'state-dir' ? 'a temporary folder' : `\`${OWN_DEFAULTS[key] ?? text}\``;
  return `| \`--${kind === 'boolean' ? '[no-]' : ''}${key}\` | ${shown} | ${description} |`;
}
