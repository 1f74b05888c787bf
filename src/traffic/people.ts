import { Breather, inSlices } from '../system/breather.ts';
import { indexes, sortInSlices } from '../system/sort-in-slices.ts';
import { type Choice, finder, type Page, type PEOPLE_SHOWS, type PEOPLE_SORTS } from './choices.ts';
import { byText, type Ordered } from './key-order.ts';
import { once, type Survey, UNKNOWN } from './survey.ts';

const HOUR_MS = 3_600_000;

export type PeopleChoice = Choice<(typeof PEOPLE_SHOWS)[number], (typeof PEOPLE_SORTS)[number]>;

/** Someone who has routes, by their data, and how these are used. */
export interface PersonUse {
  readonly user: string;
  /** Of the routes in the survey. */
  readonly indexes: readonly number[];
  /** Or UNKNOWN, when that of one of them is. */
  readonly open: number;
  readonly recentRequests: number;
  readonly serverErrors: number;
  readonly lastActivity: number;
}

/** The people who are asked for, in their order; ties by name. */
export async function rankPeople(
  survey: Survey,
  choice: PeopleChoice,
  { offset, limit }: { offset: number; limit: number },
): Promise<Page<PersonUse>> {
  const everyone = await once(survey, 'people', () => gather(survey));
  const name = JSON.stringify(['people', choice.q, choice.show, choice.sort, choice.desc]);
  const ranked = await once(survey, name, () => rank(survey, everyone, choice));
  const rows = Array.from(ranked.subarray(offset, offset + limit), (index) => everyone[index] as PersonUse);
  return { total: everyone.length, matching: ranked.length, rows };
}

/** The routes of each person, by name; made anew when the table has changed. */
const known = new WeakMap<Ordered, Promise<Group[]>>();

interface Group {
  readonly user: string;
  readonly indexes: number[];
}

function groupsOf(ordered: Ordered): Promise<Group[]> {
  let groups = known.get(ordered);
  if (!groups) {
    groups = group(ordered);
    known.set(ordered, groups);
  }
  return groups;
}

async function group({ facts }: Ordered): Promise<Group[]> {
  const breather = new Breather();
  const groups = new Map<string, Group>();
  for (const [index, { user }] of facts.entries()) {
    if (breather.isDue) await breather.rest();
    if (user === null) continue;
    const known = groups.get(user);
    if (known) known.indexes.push(index);
    else groups.set(user, { user, indexes: [index] });
  }
  const all = [...groups.values()];
  const order = await sortInSlices(
    indexes(all.length),
    byText((index) => (all[index] as Group).user),
    breather,
  );
  const sorted: Group[] = [];
  await inSlices(order, (index) => sorted.push(all[index] as Group), breather);
  return sorted;
}

async function gather(survey: Survey): Promise<PersonUse[]> {
  const breather = new Breather();
  const people: PersonUse[] = [];
  await inSlices(await groupsOf(survey.ordered), (one) => people.push(useOf(survey, one)), breather);
  return people;
}

function useOf(survey: Survey, { user, indexes }: Group): PersonUse {
  const use = { user, indexes, open: 0, recentRequests: 0, serverErrors: 0, lastActivity: 0 };
  for (const index of indexes) {
    const open = survey.open[index] as number;
    use.open = open === UNKNOWN || use.open === UNKNOWN ? UNKNOWN : use.open + open;
    use.recentRequests += survey.recentRequests[index] as number;
    use.serverErrors += survey.serverErrors[index] as number;
    use.lastActivity = Math.max(use.lastActivity, survey.lastActivity[index] as number);
  }
  return use;
}

async function rank(
  { time }: Survey,
  everyone: readonly PersonUse[],
  { q, show, sort, desc }: PeopleChoice,
): Promise<Uint32Array> {
  const breather = new Breather();
  const has = finder(q);
  const isShown = (person: PersonUse) =>
    show === 'all' || (show === 'connected' ? person.open > 0 : time - person.lastActivity > HOUR_MS);
  const found = new Uint32Array(everyone.length);
  let count = 0;
  for (const [index, person] of everyone.entries()) {
    if (isShown(person) && has(person.user)) found[count++] = index;
    if (breather.isDue) await breather.rest();
  }
  const matching = found.slice(0, count);
  if (sort === 'user') return desc ? matching.reverse() : matching;
  const numberOf = NUMBERS[sort];
  const compare = (a: number, b: number) => numberOf(personAt(everyone, a)) - numberOf(personAt(everyone, b));
  return sortInSlices(matching, desc ? (a, b) => compare(b, a) : compare, breather);
}

const NUMBERS = {
  servers: ({ indexes }: PersonUse) => indexes.length,
  open: ({ open }: PersonUse) => open,
  requests: ({ recentRequests }: PersonUse) => recentRequests,
  errors: ({ serverErrors }: PersonUse) => serverErrors,
  used: ({ lastActivity }: PersonUse) => lastActivity,
};

function personAt(people: readonly PersonUse[], index: number): PersonUse {
  return people[index] as PersonUse;
}
