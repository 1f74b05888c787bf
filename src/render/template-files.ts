import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { describeError } from '../errors.ts';
import type { Catalogue } from './catalogue.ts';
import { TemplateError } from './template-error.ts';

export interface TemplateFile {
  readonly text: string;
  /** From the user's folder, not ours. */
  readonly own: boolean;
}

/** All templates of one proxy at one moment, by name (`proxy.conf`, `snippets/http.conf`), in the order of the names. */
export type TemplateFiles = ReadonlyMap<string, TemplateFile>;

/** More than any template has; what somebody put there by mistake is not read into memory. */
const MAX_BYTES = 1024 * 1024;

/** The templates of one proxy as they are now. `folder`: --templates, with a folder for each proxy. */
export function templatesOf(
  { proxy, ours }: Pick<Catalogue, 'proxy' | 'ours'>,
  folder: string | undefined,
): TemplateFiles {
  return readTemplateFiles(ours, folder === undefined ? undefined : join(folder, proxy));
}

/**
 * Reads both layers: a file in the user's folder takes the place of ours with the same name. Only files with an extension
 * that ours have are templates; so swap files, backups and half-written temporary files of editors are none.
 */
export function readTemplateFiles(ours: string, own: string | undefined): TemplateFiles {
  const texts = new Map(listFiles(ours).map((name) => [name, { text: readTemplate(ours, name), own: false }]));
  const extensions = new Set([...texts.keys()].map((name) => extname(name)));
  for (const name of own === undefined ? [] : listFiles(own)) {
    if (extensions.has(extname(name))) texts.set(name, { text: readTemplate(own as string, name), own: true });
  }
  return sorted(texts);
}

/** Our templates with other files in the user's layer. */
export function withOwnFiles(ours: TemplateFiles, own: Readonly<Record<string, string>>): TemplateFiles {
  const files = new Map([...ours].filter(([, file]) => !file.own));
  for (const [name, text] of Object.entries(own)) files.set(name, { text, own: true });
  return sorted(files);
}

/** The user's files among them. */
export function ownFiles(files: TemplateFiles): Record<string, string> {
  return Object.fromEntries([...files].filter(([, { own }]) => own).map(([name, { text }]) => [name, text]));
}

/** Would rendering either give the same? */
export function sameFiles(a: TemplateFiles, b: TemplateFiles): boolean {
  return a.size === b.size && [...a].every(([name, { text }]) => b.get(name)?.text === text);
}

/** Names of all files below the folder; none when it isn't there. What begins with a dot or # is an editor's, or ours. */
function listFiles(folder: string, below = ''): string[] {
  let names: string[];
  try {
    names = readdirSync(join(folder, below));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new TemplateError({ file: join(folder, below) }, `cannot be read: ${describeError(error)}`, { cause: error });
  }
  return names
    .filter((name) => !/^[.#]/.test(name))
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      // Links are followed: that is how Kubernetes mounts a ConfigMap. One that leads nowhere is no file.
      const stat = statSync(join(folder, path), { throwIfNoEntry: false });
      if (stat?.isDirectory()) return listFiles(folder, path);
      return stat?.isFile() && stat.size <= MAX_BYTES ? [path] : [];
    });
}

function readTemplate(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch (error) {
    throw new TemplateError({ file: name }, `cannot be read: ${describeError(error)}`, { cause: error });
  }
}

function sorted(files: Map<string, TemplateFile>): TemplateFiles {
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
