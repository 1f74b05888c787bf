/** The variables of nginx that tell when a request ended, the most exact first. */
export const TIME_VARIABLES = ['msec', 'time_iso8601', 'time_local'];

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Reads the value of one of them as ms since 1970; undefined for what is no time. */
export function parseLogTime(name: string, text: string): number | undefined {
  if (name === 'msec') return /^\d+(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : undefined;
  const iso = name === 'time_iso8601' ? text : isoOfLocal(text);
  const time = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isFinite(time) ? time : undefined;
}

/** `22/Nov/2026:11:23:37 +0100` */
function isoOfLocal(text: string): string | undefined {
  const parts = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/.exec(text);
  if (!parts) return undefined;
  const [, day, name, year, clock, hours, minutes] = parts;
  const month = String(MONTHS.indexOf(name as string) + 1).padStart(2, '0');
  return `${year}-${month}-${day}T${clock}${hours}:${minutes}`;
}
