import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from './catalogue.ts';

/** What looks like a mistake in a user's folder of templates, and has no effect; undefined: nothing does. */
export function oddFolder(folder: string, { proxy, ours }: Catalogue): string | undefined {
  if (!existsSync(folder)) return `there is no folder ${folder} (templates)`;
  const known = readdirSync(ours);
  const astray = known.find((name) => existsSync(join(folder, name)));
  if (astray === undefined) return undefined;
  return `${join(folder, astray)} has no effect: did you mean ${join(folder, proxy, astray)}?`;
}
