import { withoutMarks } from '../../render/line-marks.ts';
import { TemplateError } from '../../render/template-error.ts';
import type { Templates } from '../../render/templates.ts';
import { readDirectives, UnfinishedError } from './directives.ts';
import type { NginxSettings, NginxVariables } from './variables.ts';

export type Snippets = NginxVariables['snippets'];

/** Where each of them goes, see the templates that name them. */
const NAMES = ['main', 'http', 'server', 'location', 'redirect'] as const satisfies (keyof Snippets)[];

/**
 * Renders the snippets and sees that each closes what it opens. nginx would find that out, too, but name a line of ours that
 * comes after it.
 */
export function renderSnippets(templates: Templates, settings: NginxSettings): Snippets {
  return Object.fromEntries(
    NAMES.map((name) => [name, renderSnippet(templates, `snippets/${name}.conf`, settings)]),
  ) as Snippets;
}

function renderSnippet(templates: Templates, file: string, settings: NginxSettings): string {
  const text = templates.render(file, settings);
  try {
    readDirectives(text);
  } catch (error) {
    if (!(error instanceof UnfinishedError)) throw error;
    throw new TemplateError({ file, line: error.line }, error.message);
  }
  return withoutMarks(text).trim() === '' ? '' : text;
}
