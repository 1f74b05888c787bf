import type { Routes } from '../contenders/contender.ts';
import type { StaticBackend } from '../load/backend.ts';

export const pathOf = (n: number) => `/user/u${n}`;

/** The routes of the users from one number to before another. */
export function usersFrom(first: number, end: number, backend: StaticBackend): Routes {
  const numbers = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  return new Map(numbers.map((n) => [pathOf(n), backend.targetOf(n)]));
}

/** Most users of a Hub are away: the requests of a load are those of so many at most, spread over the table. */
export const BUSY = 100;

export function busyPaths(users: number): string[] {
  const busy = Math.min(users, BUSY);
  return Array.from({ length: busy }, (_, i) => `${pathOf(Math.floor((i * users) / busy))}/api/status`);
}
