import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Liquid, LiquidError } from 'liquidjs';
import { SignalboxError } from '../errors.ts';

/** A filter turns a string from outside into text that is safe in one place of one proxy's configuration. */
export type Filters = Record<string, (text: unknown) => string>;

/**
 * The templates of one proxy. `folders` are searched in order, so a user's folder in front of ours replaces files by name.
 * Rendering is pure: the same variables give the same text. An unknown variable or filter is an error, not an empty string.
 */
export class Templates {
  readonly #engine: Liquid;
  readonly #folders: readonly string[];

  constructor(folders: readonly string[], filters: Filters) {
    this.#folders = folders;
    this.#engine = new Liquid({
      root: [...folders],
      partials: [...folders],
      cache: true,
      strictVariables: true,
      strictFilters: true,
      ownPropertyOnly: true,
      jsTruthy: true,
    });
    for (const [name, filter] of Object.entries(filters)) this.#engine.registerFilter(name, filter);
  }

  /** Throws TEMPLATE_FAILED, which names the file, the line and the reason. */
  render(name: string, variables: object): string {
    try {
      return this.#engine.renderFileSync(name, variables);
    } catch (error) {
      if (!LiquidError.is(error)) throw error;
      throw new SignalboxError('TEMPLATE_FAILED', `template ${place(error, this.#folders)}`);
    }
  }
}

/** `signalbox.conf:12:3: undefined variable: x`: the innermost template, where the mistake stands. */
function place(error: LiquidError, folders: readonly string[]): string {
  const { token, originalError } = error;
  const reason = (originalError?.message ?? error.message).replace(/, (?:file|line):.*$/s, '');
  const [line, column] = token.getPosition();
  return `${fileOf(token, folders)}:${line}:${column}: ${reason}`;
}

/** Liquid knows the file of a mistake in the syntax; of others only its text, by which the file is found. */
function fileOf({ file, input }: LiquidError['token'], folders: readonly string[]): string {
  if (file !== undefined) return basename(file);
  for (const folder of folders.filter((dir) => existsSync(dir))) {
    const found = readdirSync(folder).find((name) => {
      const path = join(folder, name);
      return statSync(path).isFile() && readFileSync(path, 'utf8') === input;
    });
    if (found !== undefined) return found;
  }
  return 'template';
}
