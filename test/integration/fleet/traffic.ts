import { expect } from 'vitest';
import { until } from '../../support/wait.ts';
import type { Observer } from './observer.ts';
import { fleetStatus, type Member, tableOf, untilReady } from './scene.ts';

export const KEYS = Array.from({ length: 12 }, (_, index) => `/user/u${index}`);

/** Hubs and users without a pause, until `during` has ended. */
export async function amidTraffic(
  observer: Observer,
  members: readonly Member[],
  during: () => Promise<void>,
): Promise<void> {
  let isOver = false;
  const pick = <T>(all: readonly T[]) => all[Math.floor(Math.random() * all.length)] as T;
  const client = async (step: () => Promise<unknown>) => {
    while (!isOver) await step();
  };
  const change = () => {
    const [member, key] = [pick(members), pick(KEYS)];
    const chance = Math.random();
    if (chance < 0.05)
      return observer.put(member, { [pick(KEYS)]: observer.target(0), [pick(KEYS)]: observer.target(1) });
    if (chance < 0.4) return observer.remove(member, key);
    return observer.set(member, key, observer.target(Math.floor(Math.random() * 4)));
  };
  const clients = [
    ...Array.from({ length: 4 }, () => client(change)),
    client(() => observer.read(pick(members))),
    client(() => observer.visit(pick(members), pick(KEYS))),
  ];
  try {
    await during();
  } finally {
    isOver = true;
    await Promise.all(clients);
  }
}

/** Until so many changes more have been answered. */
export async function untilAnswered(observer: Observer, more: number): Promise<void> {
  const before = observer.answered;
  await until(() => observer.answered >= before + more, {
    what: `${more} more changes to be answered`,
    timeout: 30_000,
  });
}

/** All show the same table, and their proxies serve it. */
export async function expectAlike(observer: Observer, members: readonly Member[]): Promise<void> {
  for (const member of members) {
    await untilReady(member);
    // It may be ready without the database.
    await until(async () => (await fleetStatus(member)).lease, { what: 'it to take part', timeout: 20_000 });
    await observer.read(member);
    for (const key of KEYS) await observer.visit(member, key);
  }
  const [first, ...others] = await Promise.all(members.map(tableOf));
  for (const other of others) expect(other).toEqual(first);
  observer.expectConsistent();
}

/** Until so many more requests have had an answer, whatever it is, or it is clear that none come. */
export async function untilTaken(observer: Observer, more: number): Promise<void> {
  const before = observer.history.length;
  await until(() => observer.history.length >= before + more, { what: 'answers', timeout: 3_000 }).catch(() => {});
}
