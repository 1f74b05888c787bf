import { basename } from 'node:path';
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

  constructor(folders: readonly string[], filters: Filters) {
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
      throw new SignalboxError('TEMPLATE_FAILED', `template ${place(error)}`);
    }
  }
}

/** `signalbox.conf:12:3: undefined variable: x`: the innermost template, where the mistake stands. */
function place(error: LiquidError): string {
  const { token, originalError } = error;
  const reason = (originalError?.message ?? error.message).replace(/, (?:file|line):.*$/s, '');
  const [line, column] = token.getPosition();
  return `${token.file === undefined ? '' : `${basename(token.file)}:`}${line}:${column}: ${reason}`;
}
