import type { Events } from '../observe/events.ts';
import { maskTarget } from '../routes/mask.ts';
import type { Batch, Origin } from '../routes/plan.ts';

/** Of one request; the rest is counted. */
const MOST_EVENTS = 20;

/** Tells which routes a batch changes, and who has asked for that. */
export function tellChanges({ added, changed, removed, originOf }: Batch, events: Pick<Events, 'add'>): void {
  const counts = new Map<Origin | undefined, number>();
  const tell = (key: string, text: () => string) => {
    const origin = originOf?.(key);
    const count = (counts.get(origin) ?? 0) + 1;
    counts.set(origin, count);
    if (count <= MOST_EVENTS) events.add({ kind: 'change', key, actor: origin?.actor, text: text() });
  };
  for (const { route } of added) tell(route.key, () => `Route added ${route.key} -> ${maskTarget(route.target)}`);
  for (const { route } of changed) tell(route.key, () => `Route changed ${route.key} -> ${maskTarget(route.target)}`);
  for (const key of removed) tell(key, () => `Route removed ${key}`);
  for (const [origin, count] of counts) {
    const more = count - MOST_EVENTS;
    if (more > 0)
      events.add({ kind: 'change', actor: origin?.actor, text: `and ${more} more routes added, changed or removed` });
  }
}
