import { envName, type Key, settingOf } from './schema.ts';
import type { Kind } from './setting.ts';

const PLACEHOLDER: Record<Exclude<Kind, 'enum' | 'boolean'>, string> = {
  address: 'HOST:PORT',
  url: 'URL',
  path: 'PATH',
  duration: 'DURATION',
  size: 'SIZE',
  integer: 'N',
  string: 'TEXT',
  headers: "'NAME: VALUE'",
  paths: 'PATH',
};

/** What each kind of value looks like, for people. */
export const KIND_NOTES: Record<Kind, string> = {
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
};

/** What the value of a flag is called in help, such as `live|map`; undefined for a switch. */
export function placeholder(key: Key): string | undefined {
  const { kind, choices = [] } = settingOf(key);
  if (kind === 'boolean') return undefined;
  return kind === 'enum' ? choices.join('|') : PLACEHOLDER[kind];
}

/** The rows of a table in docs/configuration.md. */
export function settingRows(keys: readonly Key[]): string[] {
  return keys.map((key) => {
    const setting = settingOf(key);
    const kind = setting.kind === 'enum' ? (setting.choices ?? []).map(code).join(', ') : setting.kind;
    const value = setting.default ? code(setting.default) : (setting.computedDefault ?? '');
    return `| ${[code(key), code(envName(key)), kind, value, setting.description].join(' | ')} |`;
  });
}

function code(text: string): string {
  return `\`${text}\``;
}
