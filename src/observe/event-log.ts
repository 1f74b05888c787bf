import type { Log, LogFields } from '../system/log.ts';
import type { Event, Events } from './events.ts';

/** A log whose lines with a field `event` become events too, of whatever level the log shows lines. */
export function withEvents(log: Log, events: Pick<Events, 'add'>): Log {
  const tell = (level: Event['level'], { event: kind, reason, key, actor }: LogFields, message: string) => {
    if (kind === undefined) return;
    const why = typeof reason === 'string' && !message.includes(reason) ? `: ${reason}` : '';
    events.add({ kind, level, text: message + why, key: textOf(key), actor: textOf(actor) });
  };
  return {
    info(fields, message) {
      log.info(fields, message);
      tell('info', fields, message);
    },
    warn(fields, message) {
      log.warn(fields, message);
      tell('warning', fields, message);
    },
    error(fields, message) {
      log.error(fields, message);
      tell('error', fields, message);
    },
  };
}

function textOf(field: unknown): string | undefined {
  return typeof field === 'string' ? field : undefined;
}
