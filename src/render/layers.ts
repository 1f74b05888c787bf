import { join } from 'node:path';
import type { Catalogue } from './catalogue.ts';
import { type Original, Originals } from './originals.ts';
import { templatesOf } from './template-files.ts';

/** One template in both layers. */
export interface Layered {
  readonly name: string;
  /** Undefined for a file that only the user has. */
  readonly ours: string | undefined;
  /** Undefined where ours is in use. */
  readonly own: string | undefined;
  /** Ours as it was when the user copied it; undefined when that was not done with `templates eject`. */
  readonly original: Original | undefined;
}

export type LayerState = 'ours' | 'yours' | 'yours, as ours' | 'yours, ours has changed' | 'yours alone';

/** All templates of a proxy, in the order of the catalogue; what only the user has comes last. `folder`: --templates. */
export function readLayers(catalogue: Catalogue, folder: string | undefined): Layered[] {
  const ours = templatesOf(catalogue, undefined);
  const both = templatesOf(catalogue, folder);
  const originals = folder === undefined ? undefined : new Originals(join(folder, catalogue.proxy));
  const names = new Set([...Object.keys(catalogue.templates), ...both.keys()]);
  return [...names].map((name) => {
    const file = both.get(name);
    const text = file?.own ? file.text : undefined;
    const original = text === undefined ? undefined : originals?.get(name);
    return { name, ours: ours.get(name)?.text, own: text, original };
  });
}

export function layerState({ ours, own, original }: Layered): LayerState {
  if (own === undefined) return 'ours';
  if (ours === undefined) return 'yours alone';
  if (own === ours) return 'yours, as ours';
  return original !== undefined && original.text !== ours ? 'yours, ours has changed' : 'yours';
}
