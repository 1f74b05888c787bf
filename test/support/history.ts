/*
 * Did a fleet of replicas behave like one Signalbox? Each answer carries its generation, so the order of all that happened is known, and
 * one look at each event tells whether it fits (as elle does it where versions are known: Kingsbury and Alvaro, VLDB 2020).
 */

/** What a write wants: target by key, undefined removes. `whole`: every other key goes. */
export interface Write {
  readonly whole: boolean;
  readonly put: Readonly<Record<string, string | undefined>>;
}

interface Span {
  /** When it was sent, and when its answer came, by one clock. */
  readonly began: number;
  readonly ended: number;
}

export type Happening = Span &
  (
    | { readonly kind: 'write'; readonly write: Write; readonly generation: number }
    /** Nobody knows whether, and when, it was done: no answer came, or one that says so. */
    | { readonly kind: 'unknown'; readonly write: Write }
    /** The table, as the API showed it. */
    | { readonly kind: 'read'; readonly table: Readonly<Record<string, string>>; readonly generation: number }
    /** What a user got who asked for a key: its target, undefined where there is no route. */
    | { readonly kind: 'visit'; readonly key: string; readonly target: string | undefined }
  );

type Of<K extends Happening['kind']> = Extract<Happening, { kind: K }>;

/** What contradicts that there is one table, and that each answer tells of it as it then was. Keys do not lie below each other. */
export function contradictions(history: readonly Happening[]): string[] {
  const of = <K extends Happening['kind']>(kind: K) => history.filter((one): one is Of<K> => one.kind === kind);
  const writes = of('write').toSorted((a, b) => a.generation - b.generation);
  const unknown = of('unknown');
  return [
    ...outOfOrder([...writes, ...of('read')]),
    ...of('read').flatMap((read) => wrongReads(read, writes, unknown)),
    ...of('visit').flatMap((visit) => wrongVisit(visit, writes, unknown)),
  ];
}

/** What ended before something else began is not newer. */
function outOfOrder(answers: readonly (Of<'write'> | Of<'read'>)[]): string[] {
  const byEnd = answers.toSorted((a, b) => a.ended - b.ended);
  const problems: string[] = [];
  let ended = 0;
  let newest: (typeof answers)[number] | undefined;
  for (const later of answers.toSorted((a, b) => a.began - b.began)) {
    for (; (byEnd[ended]?.ended ?? Number.POSITIVE_INFINITY) < later.began; ended++) {
      const one = byEnd[ended] as (typeof answers)[number];
      if (!newest || one.generation > newest.generation) newest = one;
    }
    if (!newest || newest.generation < later.generation) continue;
    if (newest.generation > later.generation || (newest.kind === 'write' && later.kind === 'write')) {
      problems.push(`${shown(later)} began after ${shown(newest)} had ended`);
    }
  }
  return problems;
}

/** A read shows what was written up to its generation, and nothing else. */
function wrongReads(read: Of<'read'>, writes: readonly Of<'write'>[], unknown: readonly Of<'unknown'>[]): string[] {
  const table = new Map<string, string>();
  for (const { write, generation } of writes) {
    if (generation > read.generation) break;
    if (write.whole) table.clear();
    for (const [key, target] of Object.entries(write.put)) {
      if (target === undefined) table.delete(key);
      else table.set(key, target);
    }
  }
  const keys = new Set([...table.keys(), ...Object.keys(read.table)]);
  return [...keys].flatMap((key) => {
    const is = read.table[key];
    const wanted = table.get(key);
    if (is === wanted) return [];
    if (unknown.some(({ write, began }) => began < read.ended && touches(write, key) && write.put[key] === is))
      return [];
    return [`${shown(read)} has ${is} at ${key}, not ${wanted}`];
  });
}

/** A user gets what the last write that was answered before says, or a later one that was under way. */
function wrongVisit(visit: Of<'visit'>, writes: readonly Of<'write'>[], unknown: readonly Of<'unknown'>[]): string[] {
  const { key, target } = visit;
  const touching = writes.filter(({ write }) => touches(write, key));
  const last = touching.findLast(({ ended }) => ended < visit.began);
  const later = touching.filter((one) => one.generation > (last?.generation ?? -1) && one.began < visit.ended);
  const possible = [
    last,
    ...later,
    ...unknown.filter(({ write, began }) => began < visit.ended && touches(write, key)),
  ];
  if (possible.some((one) => one?.write.put[key] === target)) return [];
  const wanted = [...new Set(possible.map((one) => `${one?.write.put[key]}`))].join(' or ');
  return [`a user who asked for ${key} at ${visit.began.toFixed(1)} got ${target}, not ${wanted}`];
}

function touches({ whole, put }: Write, key: string): boolean {
  return whole || Object.hasOwn(put, key);
}

function shown(one: Of<'write'> | Of<'read'>): string {
  const what = one.kind === 'write' ? `${one.write.whole ? 'PUT' : 'write'} ${JSON.stringify(one.write.put)}` : 'read';
  return `${what} (generation ${one.generation}, ${one.began.toFixed(1)} to ${one.ended.toFixed(1)})`;
}
