import { envName, GROUPS, isFileOnly, isList, type Key, settingOf } from '../config/schema.ts';
import type { TextKind } from '../config/setting.ts';
import type { OptionGroup } from './command.ts';
import type { Option } from './options.ts';

const PLACEHOLDER: Record<Exclude<TextKind, 'enum' | 'boolean'>, string> = {
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

/** Every setting as an option, under the headings of the configuration, and the file that can hold them. */
export function settingOptions(): OptionGroup[] {
  return [
    { options: { config: CONFIG } },
    ...GROUPS.map(({ title, keys }) => ({ title, keys: keys.filter((key) => !isFileOnly(key)) }))
      .filter(({ keys }) => keys.length > 0)
      .map(({ title, keys }) => ({
        title,
        options: Object.fromEntries(keys.map((key) => [key, settingOption(key)])),
      })),
  ];
}

const CONFIG: Option = {
  short: 'c',
  value: 'FILE',
  about: 'YAML file with settings; its keys are the options below without --, and namespaces, which stand there alone.',
  env: ['SIGNALBOX_CONFIG'],
  kind: 'path',
};

/** The option of a setting. */
export function settingOption(key: Key): Option {
  const { kind, description, default: text, computedDefault, choices } = settingOf(key);
  const value = placeholder(key);
  return {
    about: description,
    env: [envName(key)],
    kind,
    default: text || computedDefault || 'none',
    repeatable: isList(key),
    ...(value === undefined ? { negatable: true } : { value }),
    ...(choices === undefined ? {} : { choices }),
  };
}

/** What the value of a flag is called in help, such as `live|map`; undefined for a switch. */
function placeholder(key: Key): string | undefined {
  const { kind, choices = [] } = settingOf(key);
  if (kind === 'boolean' || kind === 'namespaces') return undefined;
  if (kind === 'path' && key.endsWith('-dir')) return 'DIR';
  return kind === 'enum' ? choices.join('|') : PLACEHOLDER[kind];
}
