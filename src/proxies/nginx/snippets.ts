import { withoutMarks } from '../../render/line-marks.ts';
import { TemplateError } from '../../render/template-error.ts';
import type { Templates } from '../../render/templates.ts';
import { type Directive, readDirectives, UnfinishedError } from './directives.ts';
import type { NginxSettings, NginxVariables } from './variables.ts';

export type Snippets = NginxVariables['snippets'];

/** Where each of them goes, see the templates that name them. */
const NAMES = ['main', 'http', 'server', 'location', 'redirect'] as const satisfies (keyof Snippets)[];

/**
 * Renders the snippets and checks that each closes what it opens. nginx would find that too, but would name a later line, in one
 * of our own templates.
 */
export function renderSnippets(templates: Templates, settings: NginxSettings): Snippets {
  return Object.fromEntries(
    NAMES.map((name) => [name, renderSnippet(templates, `snippets/${name}.conf`, settings)]),
  ) as Snippets;
}

function renderSnippet(templates: Templates, file: string, settings: NginxSettings): string {
  const text = templates.render(file, settings);
  const directives = read(file, text);
  if (settings.access_log !== null) {
    const harm = directives.find((directive) => HARMFUL[file]?.(directive));
    if (harm) throw new TemplateError({ file, line: harm.line }, `${harm.name} here ${WHY[harm.name]}`);
  }
  return withoutMarks(text).trim() === '' ? '' : text;
}

function read(file: string, text: string): Directive[] {
  try {
    return readDirectives(text);
  } catch (error) {
    if (!(error instanceof UnfinishedError)) throw error;
    throw new TemplateError({ file, line: error.line }, error.message);
  }
}

/**
 * Directives that would silently stop last_activity, by snippet. A log at an inner level replaces our log. `off` in a block of its
 * own is allowed: somebody chose to leave those requests out.
 */
const HARMFUL: Readonly<Record<string, (directive: Directive) => boolean>> = {
  'snippets/server.conf': ({ name, first, depth }) => depth === 0 && name === 'access_log' && first === 'off',
  'snippets/location.conf': ({ name, first, depth }) =>
    (name === 'access_log' && (depth === 0 || first !== 'off')) || name === 'proxy_socket_keepalive',
};

const WHY: Readonly<Record<string, string>> = {
  access_log:
    'takes the place of the log from which last_activity comes: put a log of your own into snippets/server.conf, or turn activity off ' +
    '(--no-activity)',
  proxy_socket_keepalive:
    'hides which connections are websockets, so that their users look idle: leave it out, or turn activity off (--no-activity)',
};
