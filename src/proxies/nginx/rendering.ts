import { SignalboxError } from '../../errors.ts';
import { markLines, withoutMarks } from '../../render/line-marks.ts';
import { TemplateError } from '../../render/template-error.ts';
import { ownFiles, type TemplateFiles } from '../../render/template-files.ts';
import { type Filters, Templates } from '../../render/templates.ts';
import { mapRow, type RowRenderer } from './beside-rows.ts';
import { type Rendered, renderConfig } from './config.ts';
import type { Descriptor } from './descriptor.ts';
import { withoutThoseOf } from './directives.ts';
import { quoteLiteral, quoteValue } from './quote.ts';
import type { Shape } from './table.ts';
import type { NginxSettings } from './variables.ts';
import type { NginxBuild } from './version.ts';

/** What the templates of nginx can use. */
export const FILTERS: Filters = {
  nginx: (text) => quoteValue(String(text)),
  nginx_literal: (text) => quoteLiteral(String(text)),
  without: (lines, piece) => withoutThoseOf(String(lines), String(piece)),
};

/** The same for every set of templates. */
export interface RenderingContext {
  settings: () => NginxSettings;
  /** undefined where there is no nginx to ask: it may be in another container. */
  build: NginxBuild | undefined;
  /** Read in the place of all authorities where nothing is verified with them. */
  oneAuthority: string | undefined;
}

/** Renders the configuration from one set of templates. */
export class Rendering implements RowRenderer {
  readonly #templates: Templates;
  readonly #context: RenderingContext;

  constructor(files: TemplateFiles, context: RenderingContext) {
    this.#templates = new Templates(files, FILTERS);
    this.#context = context;
  }

  row(key: string, descriptor: Descriptor): string {
    return this.#templates.render('route.conf', { key, row: mapRow(key, descriptor) });
  }

  config(shape: Shape, pins: readonly string[]): Rendered {
    return renderConfig(this.#templates, this.#settings(shape), shape, pins, this.#context.build);
  }

  #settings({ https }: Shape): NginxSettings {
    const { settings, oneAuthority } = this.#context;
    const all = settings();
    // The user's templates may lead anywhere.
    if (https || oneAuthority === undefined || Object.keys(ownFiles(this.#templates.files)).length > 0) return all;
    return { ...all, tls: { ...all.tls, ca_file: oneAuthority } };
  }

  /** Renders the configuration for `shape`. Also finds mistakes in a route.conf that no route needs yet. */
  configOf(shape: (renderer: RowRenderer) => Shape, pins: readonly string[]): Rendered {
    this.row('/', 'none');
    return this.config(shape(this), pins);
  }

  /**
   * When nginx refuses a line that comes from one of the user's templates: an error that names the template and its line.
   * Otherwise the error as it is.
   */
  blame(error: unknown, shape: (renderer: RowRenderer) => Shape, pins: readonly string[]): unknown {
    const own = ownFiles(this.#templates.files);
    if (!(error instanceof SignalboxError) || Object.keys(own).length === 0) return error;
    const variable = placeOfVariable(error.message, own);
    if (variable) return new TemplateError(variable.place, `nginx says: ${variable.reason}`);
    const refusal = REFUSED_AT.exec(error.message);
    if (refusal === null) return error;
    const [, reason = '', file = '', line = ''] = refusal;
    const place = this.#locate(file, Number(line), shape, pins);
    if (place === undefined || own[place.file] === undefined) return error;
    return new TemplateError(place, `nginx says: ${reason}`);
  }

  /** The route in whose row the refused line is; empty when it could be more than one. */
  keysAt(error: SignalboxError, rendered: Rendered, rows: Iterable<readonly [string, Descriptor]>): string[] {
    const [, , file = '', line = ''] = REFUSED_AT.exec(error.message) ?? [];
    const text = rendered.files[file]?.split('\n')[Number(line) - 1];
    if (text === undefined) return [];
    const found = [...rows].filter(([key, descriptor]) => this.row(key, descriptor).split('\n').includes(text));
    return found.length === 1 ? found.map(([key]) => key) : [];
  }

  #locate(file: string, line: number, shape: (renderer: RowRenderer) => Shape, pins: readonly string[]) {
    const marks = markLines(this.#templates.files);
    const plain = this.configOf(shape, pins);
    const marked = new Rendering(marks.files, this.#context).configOf(shape, pins);
    const text = marked.files[file] ?? '';
    // A template may compare texts with our marks in them, and then render something else, whose lines mean nothing.
    const same = withoutMarks(text).replaceAll(marked.digest, plain.digest) === plain.files[file];
    return same ? marks.locate(text, line) : undefined;
  }
}

/** nginx names no line when a variable is used that is never set. */
function placeOfVariable(message: string, own: Readonly<Record<string, string>>) {
  const [reason = '', name] = /unknown "(\w+)" variable/.exec(message) ?? [];
  if (name === undefined) return undefined;
  for (const [file, text] of Object.entries(own)) {
    const before = text.split(new RegExp(`\\$\\{?${name}\\b`), 2);
    if (before.length === 2) return { reason, place: { file, line: (before[0] as string).split('\n').length } };
  }
  return undefined;
}

/** `[emerg] unknown directive "x" in /state/nginx/conf-1f0c/signalbox.conf:12`, from `nginx -t` or from the error log. */
const REFUSED_AT =
  /(?:\[emerg\] |did not start: |configuration: |; )(?:\d+#\d+: )?((?:(?!\[emerg\]).)*?) in \S*\/(?:current|conf-\w+)\/(signalbox\.conf|nginx\.conf):(\d+)/;
