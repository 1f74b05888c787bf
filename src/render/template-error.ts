import { SignalboxError } from '../errors.ts';

/** Where in which template a mistake stands, as far as it is known. */
export interface TemplatePlace {
  /** Name as in the folder: `snippets/http.conf`. */
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** A template that can't be used: `template snippets/http.conf:3:7: undefined variable: nobody`. */
export class TemplateError extends SignalboxError {
  readonly place: TemplatePlace;
  readonly reason: string;

  constructor(place: TemplatePlace, reason: string, options: { hint?: string; cause?: unknown } = {}) {
    super('TEMPLATE_FAILED', `template ${formatPlace(place)}: ${reason}`, options);
    this.name = 'TemplateError';
    this.place = place;
    this.reason = reason;
  }
}

function formatPlace({ file, line, column }: TemplatePlace): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}
