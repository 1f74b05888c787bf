/** What a line of the log may be beside a line: something that `GET /events` shows. */
export const EVENT_KINDS = [
  'change',
  'failure',
  'recovery',
  'reload',
  'restart',
  'template',
  'drift',
  'refused',
  'action',
  'start',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface LogFields {
  readonly event?: EventKind;
  readonly [name: string]: unknown;
}

/** The part of a pino logger that everything but the wiring uses. */
export interface Log {
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}
