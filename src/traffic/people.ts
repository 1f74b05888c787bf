import { Breather, inSlices } from '../system/breather.ts';
import { sortInSlices } from '../system/sort-in-slices.ts';
import { type Choice, finder, type Page, type PEOPLE_SHOWS, type PEOPLE_SORTS } from './choices.ts';
import { byText } from './key-order.ts';
import { factsOf } from './kind-of.ts';
import { once, type Survey, UNKNOWN } from './survey.ts';

/** So many of a person's routes are named. */
const MOST_SERVERS = 20;
const HOUR_MS = 3_600_000;

export type PeopleChoice = Choice<(typeof PEOPLE_SHOWS)[number], (typeof PEOPLE_SORTS)[number]>;

/** Someone who has routes, by their data, and how these are used. */
export interface PersonUse {
  readonly user: string;
  readonly servers: { readonly key: string; readonly server: string }[];
  serverCount: number;
  /** Or UNKNOWN, when that of one of them is. */
  open: number;
  recentRequests: number;
  serverErrors: number;
  lastActivity: number;
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

/** By name. */
async function gather(survey: Survey): Promise<PersonUse[]> {
  const breather = new Breather();
  const people = new Map<string, PersonUse>();
  for (const [index, { route }] of survey.entries.entries()) {
    if (breather.isDue) await breather.rest();
    const { user, server } = factsOf(route);
    if (user === null) continue;
    let person = people.get(user);
    if (!person) {
      const none = { serverCount: 0, open: 0, recentRequests: 0, serverErrors: 0, lastActivity: 0 };
      person = { user, servers: [], ...none };
      people.set(user, person);
    }
    if (++person.serverCount <= MOST_SERVERS) person.servers.push({ key: route.key, server: server ?? '' });
    const open = survey.open[index] as number;
    person.open = open === UNKNOWN || person.open === UNKNOWN ? UNKNOWN : person.open + open;
    person.recentRequests += survey.recentRequests[index] as number;
    person.serverErrors += survey.serverErrors[index] as number;
    person.lastActivity = Math.max(person.lastActivity, survey.lastActivity[index] as number);
  }
  const all = [...people.values()];
  const order = await sortInSlices(
    Uint32Array.from(all.keys()),
    byText((index) => personAt(all, index).user),
    breather,
  );
  const sorted: PersonUse[] = [];
  await inSlices(order, (index) => sorted.push(personAt(all, index)), breather);
  return sorted;
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
  const numberOf = (index: number) => personAt(everyone, index)[NUMBERS[sort]];
  const compare = (a: number, b: number) => numberOf(a) - numberOf(b);
  return sortInSlices(matching, desc ? (a, b) => compare(b, a) : compare, breather);
}

const NUMBERS = {
  servers: 'serverCount',
  open: 'open',
  requests: 'recentRequests',
  errors: 'serverErrors',
  used: 'lastActivity',
} as const;

function personAt(people: readonly PersonUse[], index: number): PersonUse {
  return people[index] as PersonUse;
}
