import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { SignalboxError } from '../../errors.ts';
import { offlineProxy } from '../../proxies/offline.ts';
import type { OfflineProxy } from '../../proxies/offline-proxy.ts';
import { type Layered, readLayers } from '../../render/layers.ts';
import type { Operand, Options, OptionValues } from '../options.ts';
import { readSettings } from '../setting-flags.ts';

/** Which templates are meant. */
export const FOLDER_OPTIONS = {
  templates: {
    value: 'DIR',
    about: 'Folder of your own templates.',
    env: ['SIGNALBOX_TEMPLATES'],
  },
  driver: { value: 'NAME', about: 'Of which proxy: nginx or traefik.', env: ['SIGNALBOX_DRIVER'] },
  config: {
    short: 'c',
    value: 'FILE',
    about: 'YAML file with the settings of signalbox serve, for both of these.',
    env: ['SIGNALBOX_CONFIG'],
  },
} as const satisfies Options;

export const NAME: Operand = { name: 'NAME', about: 'a template, as `templates list` names it' };

export interface Folder {
  readonly proxy: OfflineProxy;
  readonly layers: readonly Layered[];
  /** The user's folder of that proxy; undefined without --templates. */
  readonly own: string | undefined;
}

export function openFolder(options: OptionValues<typeof FOLDER_OPTIONS>, env: NodeJS.ProcessEnv): Folder {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const flags = readSettings(given.map(([name, value]) => `--${name}=${value}`));
  // Variables for other settings may be those of another command, and matter no more than their flags would.
  const { HOME, XDG_STATE_HOME } = env;
  const { config } = loadConfig({ flags, env: { HOME, XDG_STATE_HOME } });
  const proxy = offlineProxy(config.driver);
  return {
    proxy,
    layers: readLayers(proxy.catalogue, config.templates),
    own: config.templates === undefined ? undefined : join(config.templates, proxy.catalogue.proxy),
  };
}

/** Throws when there is no template of that name. */
export function findLayered({ layers, proxy }: Folder, name: string): Layered {
  const found = layers.find((layered) => layered.name === name);
  if (found) return found;
  throw new SignalboxError('NOT_FOUND', `there is no template ${JSON.stringify(name)} of ${proxy.catalogue.proxy}`, {
    hint: 'signalbox templates list names them.',
  });
}
