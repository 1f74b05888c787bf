import { type Entry, makeRoute } from '../../../src/routes/route.ts';

/** So many entries, all with one target. */
export function numbered(count: number, name: string): Entry[] {
  return Array.from({ length: count }, (_, i) => ({
    route: makeRoute(`/user/u${i}`, { target: `http://${name}` }),
    lastActivity: 1,
  }));
}
