import { serve } from '../../src/cli/serve.ts';
import { FIELDS } from '../../src/config/namespaces/fields.ts';
import { envName, GROUPS, isFileOnly, type Key, settingOf } from '../../src/config/schema.ts';
import type { Kind } from '../../src/config/setting.ts';

/** What each kind of value looks like, for people. */
const KIND_NOTES: Record<Kind, string> = {
  address: '`HOST:PORT`, `[IPv6]:PORT`, or `:PORT` and `*:PORT` for all interfaces; port 0 lets the system choose',
  url: '`http://…`, `https://…`, or `http+unix://%2Fpath%2Fto.sock` (also `unix+http://…`)',
  path: 'absolute, or relative to the folder Signalbox is started in',
  duration: 'a number with its unit: `500ms`, `10s`, `2m`, `1h`',
  size: 'a number with its unit: `500KB`, `64MB`, `1GB`, or `KiB`, `MiB`, `GiB`',
  integer: 'a whole number',
  boolean: '`true` or `false`; as a flag `--key` or `--no-key`',
  enum: 'one of the words given',
  string: 'any text, within what the description says',
  headers:
    'a list of `NAME: VALUE`: in YAML a list or one text, the flag repeated, in the variable one a line; of a name given twice the last counts',
  paths: 'a list of paths: in YAML a list or one text, the flag repeated, in the variable one a line',
  namespaces: 'a mapping from name to what stands under [A namespace](#a-namespace); only in the file',
};

const EXAMPLE = `\`\`\`yaml
public: ":80"                  # values that begin with : * [ or { are safest in quotes
api: 127.0.0.1:8001
token-file: /etc/signalbox/token
state-dir: /var/lib/signalbox
nginx-user: www-data
default-target: http://127.0.0.1:8081
apply-timeout: 20s
log-format: json
\`\`\``;

/** docs/configuration.md. */
export function configurationPage(): string {
  return `# Configuration

<!-- Made by \`npm run docs\` from src/config/schema.ts and scripts/docs/configuration.ts: change it there. -->

A setting can stand in four places. The first one that has it counts:

1. a flag of \`signalbox serve\`: \`--state-dir /srv/signalbox\` or \`--state-dir=/srv/signalbox\`, \`--pin\` or \`--no-pin\`
2. an environment variable: \`SIGNALBOX_STATE_DIR=/srv/signalbox\`
3. the YAML file named by \`-c FILE\`, \`--config FILE\` or \`SIGNALBOX_CONFIG\`: \`state-dir: /srv/signalbox\`
4. the default

Unknown keys, flags and \`SIGNALBOX_*\` variables are errors, and so is a wrong value that another place overrides.
Everything that is wrong is reported at once, each with its place: \`signalbox.yaml:7:9: driver: found "caddy", want one of
nginx, traefik\`. Variables that Kubernetes sets for a Service named \`signalbox\` (\`SIGNALBOX_SERVICE_HOST\`,
\`SIGNALBOX_PORT_8001_TCP\` and so on) are left alone.

## The token

The Hub shows a token with every request. It is taken from \`SIGNALBOX_API_TOKEN\`, else from \`CONFIGPROXY_AUTH_TOKEN\` (which
JupyterHub itself reads), else from the file that \`token-file\` names; space around it is dropped. There is no flag for it,
because every user of a machine can see the flags of every process. Without a token \`api\` must be a loopback address,
unless \`insecure-no-token\` is set.

A second token, for dashboards and whoever else only looks, is taken from \`SIGNALBOX_READ_TOKEN\`, else from the file that
\`read-token-file\` names. It gets all that the first one gets with \`GET\`, and nothing else; it must be another one.

## Settings

The flag of a setting is \`--\` and its key. \`namespaces\` is neither a flag nor a variable: it stands in the file.

${GROUPS.map(settingTable).join('\n\n')}

### A namespace

One of several Hubs on one Signalbox: [namespaces.md](namespaces.md).

| Key | Kind | What it is |
| --- | --- | --- |
${Object.entries(FIELDS)
  .map(([key, { kind, description }]) => `| ${code(key)} | ${kind} | ${description} |`)
  .join('\n')}

Each has \`token-file\`, and \`host\`, \`path\`, both, or \`domain\`. No two may have a key in common or the same token, and there must be a
token for the whole table beside theirs.

### Kinds of values

${Object.entries(KIND_NOTES)
  .map(([kind, note]) => `- **${kind}**: ${note}`)
  .join('\n')}

Also checked: no two listeners claim the same port or socket; a certificate and its key go together, fit each other and
can be read; \`redirect\` and \`*-request-cert\` need a certificate (the latter an authority too); \`error-path\` and
\`error-target\` exclude each other; paths that go into nginx's configuration have no control characters and none of \`$ " ' \\ ; { } # * ? [\`.

The passphrase of an encrypted \`ssl-key\` or \`api-ssl-key\` is taken from \`SIGNALBOX_SSL_KEY_PASSPHRASE\` and
\`SIGNALBOX_API_SSL_KEY_PASSPHRASE\`, else from the variables of configurable-http-proxy, \`CONFIGPROXY_SSL_KEY_PASSPHRASE\` and
\`CONFIGPROXY_API_SSL_KEY_PASSPHRASE\`. Like the token they have no flag.

Certificates that are renewed on disk are taken up without a restart, when all of them are whole and fit each other. Until
then the last ones that did stay in use, of which a managed proxy and any nginx read copies in the state folder: so a
renewal that is half done keeps it neither from being reloaded nor from being started. A daemon that starts amid a renewal
uses the last ones of the same paths, too, and says so in a warning; without any, as at the very first start, it ends with 2.
Only the API's own (\`api-ssl-*\`) must be whole at each start.

Sockets: that of the API can be used by the user that Signalbox runs as (0600), that of the metrics by everyone who can reach
its folder (0666). One that a killed process left behind is replaced; one on which somebody answers never is.

## Example

${EXAMPLE}

## Exit codes

| Code | Meaning |
| --- | --- |
${serve.exits.map(({ code, meaning }) => `| ${code} | ${meaning} |`).join('\n')}
`;
}

function settingTable({ title, keys }: (typeof GROUPS)[number]): string {
  return `### ${title}

| Key | Variable | Kind | Default | What it is |
| --- | --- | --- | --- | --- |
${settingRows(keys).join('\n')}`;
}

function settingRows(keys: readonly Key[]): string[] {
  return keys.map((key) => {
    const setting = settingOf(key);
    const kind = setting.kind === 'enum' ? (setting.choices ?? []).map(code).join(', ') : setting.kind;
    const value = setting.default ? code(setting.default) : (setting.computedDefault ?? '');
    const variable = isFileOnly(key) ? '' : code(envName(key));
    return `| ${[code(key), variable, kind, value, setting.description].join(' | ')} |`;
  });
}

function code(text: string): string {
  return `\`${text}\``;
}
