/*
 * Numbers, times and names as people read them. Nothing here knows the browser, so that it is tested without one.
 */

const count = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const shortClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dated = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

/** `10,002` */
export const formatCount = (value: number): string => count.format(value);

/** One digit after the point while that says something: `0.04`, `1.5`, `412`. */
export function formatRate(value: number): string {
  if (value > 0 && value < 0.1) return twoDigits.format(value);
  return value < 100 ? oneDigit.format(value) : count.format(value);
}

/** Of one: `0.3 %`. What is not none is never shown as none, nor what is not all as all. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  const percent = (part / whole) * 100;
  if (percent < 0.1) return '< 0.1 %';
  if (percent > 99.9 && part < whole) return '> 99.9 %';
  return `${percent < 10 ? oneDigit.format(percent) : count.format(percent)} %`;
}

/** Durations of requests: `0.4 ms`, `84 ms`, `1.2 s`, `3 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return ms === 0 ? '0 ms' : `${twoDigits.format(Math.max(ms, 0.01))} ms`;
  if (ms < 10) return `${oneDigit.format(ms)} ms`;
  if (ms < 999.5) return `${count.format(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 99_500) return `${count.format(ms / 1000)} s`;
  return `${count.format(ms / 60_000)} min`;
}

const UNITS: readonly [ms: number, name: string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** The two units that say most: `3 d 4 h`, `12 min`, `8 s`. Minutes and seconds only below ten minutes. */
export function formatSpan(ms: number): string {
  const index = UNITS.findIndex(([size]) => ms >= size);
  const [size, name] = UNITS[index] ?? [1_000, 's'];
  const whole = Math.floor(Math.max(ms, 0) / size);
  const next = UNITS[index + 1];
  if (!next || index < 0 || whole >= 10) return `${whole} ${name}`;
  const rest = Math.floor((ms - whole * size) / next[0]);
  return rest === 0 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${next[1]}`;
}

/** How long ago something was: `just now`, `12 s ago`, `3 d ago`; one unit, as they stand under each other. */
export function formatAge(time: number, now: number): string {
  const ms = now - time;
  if (ms < 1_000) return ms < -5_000 ? 'in the future' : 'just now';
  const [size, name] = UNITS.find(([unit]) => ms >= unit) ?? [1_000, 's'];
  return `${Math.floor(ms / size)} ${name} ago`;
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `512 B`, `1.4 MiB` */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < BYTES.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit > 0 && value < 99.95 ? oneDigit.format(value) : count.format(value)} ${BYTES[unit]}`;
}

/** `14:02:11`, as clocks show it where the browser is. */
export const formatClock = (time: number): string => clock.format(time);
/** `14:02` */
export const formatShortClock = (time: number): string => shortClock.format(time);
/** With the date where the clock alone would mislead: `14:02:11`, `27 Nov, 14:02`. */
export const formatMoment = (time: number, now: number): string =>
  (Math.abs(now - time) < 12 * 3_600_000 ? clock : dated).format(time);
/** With date and zone. */
export const formatFull = (time: number): string => full.format(time);

/** `1 route`, `2 routes` */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${formatCount(value)} ${value === 1 ? one : many}`;

/**
 * Controls, marks that turn the direction of what follows, and spaces without width: they make a name look like another
 * one. Joiners stay, as scripts and emoji need them.
 */
const INVISIBLE = /[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

const escaped = (text: string) =>
  Array.from(text, (one) => `‹U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`).join('');

/**
 * What others have named, so that every character of it shows: a line break becomes `‹U+000A›`, and spaces do so at the ends,
 * where nobody would see them.
 */
export const visible = (text: string): string => text.replace(/^\s+|\s+$/gu, escaped).replace(INVISIBLE, escaped);

/** The same for a text of several lines. */
export const visibleLines = (text: string): string =>
  text.replace(INVISIBLE, (one) => (one === '\n' || one === '\t' ? one : escaped(one)));
