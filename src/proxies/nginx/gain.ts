import { type Descriptor, origin } from './descriptor.ts';

export interface TrafficShare {
  /** Requests in the last few minutes to routes that have a target. */
  readonly requests: number;
  /** Those of them to targets that are pinned. */
  readonly pinned: number;
  /** Those that a renewal would make cheaper. */
  readonly gain: number;
}

export interface TrafficOptions {
  /** Requests by key. */
  readonly counts: Iterable<readonly [key: string, requests: number]>;
  readonly descriptorOf: (key: string) => Descriptor | undefined;
  /** Has the route changed since the configuration was rendered? */
  readonly isChanged: (key: string) => boolean;
  readonly isPinned: (origin: string) => boolean;
  /** How many origins can be pinned. */
  readonly most: number;
}

/** How much of the traffic goes the quick way, and how much would after a renewal of rows and pins. */
export function shareOf({ counts, descriptorOf, isChanged, isPinned, most }: TrafficOptions): TrafficShare {
  const byOrigin = new Map<string, { isPinned: boolean; all: number; changed: number }>();
  for (const [key, requests] of counts) {
    const target = origin(descriptorOf(key) ?? '');
    if (target === '') continue;
    const sum = byOrigin.get(target) ?? { isPinned: isPinned(target), all: 0, changed: 0 };
    byOrigin.set(target, sum);
    sum.all += requests;
    if (isChanged(key)) sum.changed += requests;
  }
  const share = { requests: 0, pinned: 0, gain: 0 };
  const busiest = [...byOrigin.values()].sort((a, b) => b.all - a.all);
  for (const [rank, { isPinned, all, changed }] of busiest.entries()) {
    share.requests += all;
    if (isPinned) share.pinned += all;
    share.gain += rank < most && !isPinned ? all : changed;
  }
  return share;
}
