import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from './catalogue.ts';

/** What in the user's folder of templates has no effect and looks like a mistake; undefined when nothing does. */
export function oddFolder(folder: string, { proxy, ours }: Catalogue): string | undefined {
  if (!existsSync(folder)) return `there is no folder ${folder} (templates)`;
  const known = readdirSync(ours);
  const astray = known.find((name) => existsSync(join(folder, name)));
  if (astray === undefined) return undefined;
  return `${join(folder, astray)} has no effect: did you mean ${join(folder, proxy, astray)}?`;
}
