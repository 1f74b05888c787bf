import type { Case, Group } from '../case.ts';
import { apiGroup } from './api.ts';
import { bodyGroup } from './bodies.ts';
import { commandLineGroup } from './command-line.ts';
import { errorGroup } from './errors.ts';
import { headerGroup } from './headers.ts';
import { listenerGroup } from './listeners.ts';
import { encodingGroup, pathGroup } from './paths.ts';
import { hostRoutingGroup, routingGroup } from './routing.ts';
import { tlsGroup } from './tls.ts';
import { websocketGroup } from './websockets.ts';

/** All cases, in the order of the document. */
export const groups: readonly Group[] = [
  apiGroup,
  routingGroup,
  hostRoutingGroup,
  pathGroup,
  encodingGroup,
  headerGroup,
  bodyGroup,
  websocketGroup,
  errorGroup,
  tlsGroup,
  listenerGroup,
  commandLineGroup,
];

/** Cases of the same flags, which share a pair of proxies; those without flags first. */
export function byFlags(): { flags: readonly string[]; cases: { title: string; one: Case }[] }[] {
  const sets = new Map<string, { flags: readonly string[]; cases: { title: string; one: Case }[] }>();
  for (const { title, cases } of groups) {
    for (const one of cases) {
      const flags = one.flags ?? [];
      const id = JSON.stringify(flags);
      const set = sets.get(id) ?? { flags, cases: [] };
      set.cases.push({ title, one });
      sets.set(id, set);
    }
  }
  return [...sets.values()];
}
