import { flagUsage } from '../../config/reference.ts';
import { settingOf } from '../../config/schema.ts';
import { CHP_FLAGS, type ChpFlag } from './flags.ts';
import { OWN_DEFAULTS, OWN_KEYS } from './own-flags.ts';

/** All flags under their headings. */
export function chpOptions(): string {
  const groups = CHP_FLAGS.map(({ title, flags }) => [`${title}:`, ...flags.map(chpOption)].join('\n'));
  return [...groups, ['Of Signalbox:', ...ownOptions(), ...COMMON].join('\n')].join('\n\n');
}

const COMMON = ['  -V, --version\n      show the version', '  -h, --help\n      show this'];

function chpOption({ name, value, about, default: text }: ChpFlag): string {
  const usage = value === undefined ? name : `${name} ${value}`;
  return `  ${usage}\n${wrap(about + (text === undefined ? '' : ` (default ${text.replaceAll('`', '')})`))}`;
}

function ownOptions(): string[] {
  return OWN_KEYS.map((key) => {
    const setting = settingOf(key);
    const text = key === 'state-dir' ? 'a temporary folder' : (OWN_DEFAULTS[key] ?? setting.default);
    return `  ${flagUsage(key)}\n${wrap(`${setting.description} (default ${text})`)}`;
  });
}

function wrap(text: string): string {
  return text.replace(/(.{1,74})(?: |$)/g, '      $1\n').trimEnd();
}
