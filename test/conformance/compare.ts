import type { Case, Expected, Fields } from './case.ts';

/**
 * Fields that no client may rely on, and which are compared only where a case names them: the date, who the server says it
 * is, and what belongs to one connection alone (RFC 9110 section 7.6.1).
 */
export const UNPROMISED = [
  'headers.date',
  'headers.server',
  'headers.connection',
  'headers.keep-alive',
  'headers.transfer-encoding',
  'seen.headers.connection',
  'seen.headers.sec-websocket-key',
  'headers.sec-websocket-accept',
];

/** What is wrong with what two proxies showed, a line each; none when the case holds. */
export function mismatches(one: Case, chp: readonly Fields[], signalbox: readonly Fields[]): string[] {
  return Object.values(mismatchesByField(one, chp, signalbox)).flat();
}

/** The same, by the field that each is about. */
export function mismatchesByField(
  one: Case,
  chp: readonly Fields[],
  signalbox: readonly Fields[],
): Readonly<Record<string, readonly string[]>> {
  const byField: Record<string, string[]> = {};
  const add = (field: string, text: string) => {
    byField[field] ??= [];
    byField[field].push(text);
  };
  if (chp.length !== one.steps.length || signalbox.length !== one.steps.length) {
    add('steps', `${one.steps.length} steps, of which chp took ${chp.length} and signalbox ${signalbox.length}`);
  }
  const sides = { chp: number(chp), signalbox: number(signalbox) };
  const differing = new Set(Object.keys({ ...one.difference?.chp, ...one.difference?.signalbox }));

  for (const field of differing) {
    for (const name of ['chp', 'signalbox'] as const) {
      const wanted = one.difference?.[name][field];
      if (wanted === undefined) add(field, `${field}: the difference says nothing about ${name}`);
      else if (!matches(sides[name][field], wanted)) add(field, line(`${name} ${field}`, sides[name][field], wanted));
    }
    if (same(sides.chp[field], sides.signalbox[field])) {
      add(field, `${field}: both show ${show(sides.chp[field])}, there is no difference`);
    }
  }
  for (const [field, wanted] of Object.entries(one.expect ?? {})) {
    for (const name of ['chp', 'signalbox'] as const) {
      if (!matches(sides[name][field], wanted)) add(field, line(`${name} ${field}`, sides[name][field], wanted));
    }
  }
  let compared = differing.size;
  for (const field of new Set([...Object.keys(sides.chp), ...Object.keys(sides.signalbox)])) {
    if (differing.has(field) || !isCompared(field, one)) continue;
    compared += 1;
    if (!same(sides.chp[field], sides.signalbox[field])) {
      add(field, `${field}: chp ${show(sides.chp[field])}, signalbox ${show(sides.signalbox[field])}`);
    }
  }
  if (compared === 0) add('steps', 'nothing was compared');
  return byField;
}

/** All steps in one record: `status`, then `2:status` and so on. */
function number(steps: readonly Fields[]): Fields {
  const all: Fields = {};
  for (const [at, fields] of steps.entries()) {
    for (const [name, value] of Object.entries(fields)) all[at === 0 ? name : `${at + 1}:${name}`] = value;
  }
  return all;
}

function isCompared(field: string, { compare = [] }: Case): boolean {
  const name = field.replace(/^\d+:/, '');
  // No answer is never alike to an answer.
  if (name === 'error' || compare.includes(name)) return true;
  if (UNPROMISED.includes(name)) return false;
  return compare.length === 0 || compare.some((one) => one.endsWith('*') && name.startsWith(one.slice(0, -1)));
}

function same(a: string | number | undefined, b: string | number | undefined): boolean {
  return a === b;
}

function matches(value: string | number | undefined, wanted: Expected[string]): boolean {
  if (wanted === null) return value === undefined;
  return wanted instanceof RegExp ? value !== undefined && wanted.test(String(value)) : value === wanted;
}

function line(what: string, value: string | number | undefined, wanted: Expected[string]): string {
  return `${what}: ${show(value)}, want ${wanted instanceof RegExp ? wanted : show(wanted ?? undefined)}`;
}

function show(value: string | number | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
