import { settingOf } from '../../config/schema.ts';
import type { OptionGroup } from '../command.ts';
import type { Options } from '../options.ts';
import { settingOption } from '../setting-options.ts';
import { CHP_FLAGS } from './flags.ts';
import { OWN_DEFAULTS, OWN_KEYS } from './own-flags.ts';

/** All flags of `signalbox chp` under their headings. */
export function chpOptions(): OptionGroup[] {
  return [
    ...CHP_FLAGS,
    { title: 'Of Signalbox', options: { ...ownOptions(), version: { short: 'V', about: 'show the version' } } },
  ];
}

/** Without the variables: `chp` reads none of Signalbox's. */
function ownOptions(): Options {
  return Object.fromEntries(
    OWN_KEYS.map((key) => {
      const { env: _, ...option } = settingOption(key);
      const text = key === 'state-dir' ? 'a temporary folder' : (OWN_DEFAULTS[key] ?? settingOf(key).default);
      return [key, { ...option, default: text || 'none' }];
    }),
  );
}
