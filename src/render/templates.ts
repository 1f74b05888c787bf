import { Liquid, LiquidError } from 'liquidjs';
import { TemplateError, type TemplatePlace } from './template-error.ts';
import type { TemplateFiles } from './template-files.ts';

/** A filter turns a string from outside into text that is safe in one place of one proxy's configuration. */
export type Filters = Record<string, (text: unknown, ...args: unknown[]) => string>;

/** A template that loops without end must not stop the daemon. */
const RENDER_MS = 10_000;

/**
 * The templates of one proxy as they were at one moment: what happens to the files meanwhile changes nothing here. Rendering
 * is pure: the same variables give the same text. An unknown variable or filter is an error, not an empty string.
 */
export class Templates {
  readonly files: TemplateFiles;
  readonly #engine: Liquid;

  constructor(files: TemplateFiles, filters: Filters) {
    this.files = files;
    this.#engine = new Liquid({
      templates: Object.fromEntries([...files].map(([name, { text }]) => [name, text])),
      cache: true,
      strictVariables: true,
      strictFilters: true,
      ownPropertyOnly: true,
      jsTruthy: true,
      renderLimit: RENDER_MS,
      // Else that of the machine, on which no configuration should depend; and finding it out takes 10 ms and 8 MB.
      locale: 'en-US',
    });
    for (const [name, filter] of Object.entries(filters)) this.#engine.registerFilter(name, filter);
  }

  /** `variables` are seen by the template and by all that it renders. Throws a TemplateError. */
  render(name: string, variables: object): string {
    try {
      return this.#engine.renderFileSync(name, {}, { globals: variables });
    } catch (error) {
      if (!LiquidError.is(error)) throw error;
      throw new TemplateError(placeOf(error, this.files), reasonOf(error));
    }
  }
}

/** The innermost template, where the mistake stands. */
function placeOf({ token }: LiquidError, files: TemplateFiles): TemplatePlace {
  const [line, column] = token.getPosition();
  return { file: token.file ?? fileWith(token.input, files), line, column };
}

/** Liquid knows the file of a mistake in the syntax; of others only its text, by which the file is found. */
function fileWith(input: string, files: TemplateFiles): string {
  return [...files].find(([, { text }]) => text === input)?.[0] ?? 'template';
}

function reasonOf(error: LiquidError): string {
  const text = (error.originalError?.message ?? error.message).replace(/, (?:file|line):.*$/s, '');
  const missing = /^ENOENT: Failed to lookup "(.*)" in/.exec(text)?.[1];
  return missing === undefined ? text : `there is no template ${JSON.stringify(missing)}`;
}
