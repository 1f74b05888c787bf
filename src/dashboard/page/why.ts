import type { TrafficOfRoute } from '../../api/traffic/schemas.ts';
import { formatSpan } from './format.ts';

type Why = TrafficOfRoute['why'];

/** One thing that may have moved last_activity. */
export interface Reason {
  readonly source: 'proxy' | 'Hub';
  readonly time: number | null;
  readonly text: string;
  /** Is it what its last_activity comes from? */
  readonly isNewest: boolean;
}

/** The Hub stores to the second, and asks the proxy now and then. */
const SLACK_MS = 2_000;

export function reasonsOf(why: Why, hubTime: number | null, isKnownToHub: boolean): Reason[] {
  const { cause, open } = why;
  const reasons: Reason[] = [
    {
      source: 'proxy',
      time: why.lastData,
      text: `data of a client over an open websocket or upload (${open === null ? 'how many are open is not known' : `${open} open`})`,
      isNewest: cause === 'data',
    },
    {
      source: 'proxy',
      time: why.lastRequest,
      text: 'last request that counts (answered below 300, and sent whole)',
      isNewest: cause === 'request',
    },
  ];
  const other = cause && OTHER_CAUSES[cause];
  if (other) reasons.push({ source: 'proxy', time: why.lastActivity, text: other, isNewest: true });
  if (isKnownToHub) {
    const isNewest = hubTime !== null && hubTime > why.lastActivity + SLACK_MS;
    const text = 'last activity that the Hub has stored; it asks the proxy now and then';
    if (isNewest) for (const [index, reason] of reasons.entries()) reasons[index] = { ...reason, isNewest: false };
    reasons.push({ source: 'Hub', time: hubTime, text, isNewest });
  }
  return reasons.sort((a, b) => (b.time ?? 0) - (a.time ?? 0));
}

const OTHER_CAUSES: Partial<Record<NonNullable<Why['cause']>, string>> = {
  added: 'the route was added',
  restored: 'stored by an earlier run of Signalbox',
  replica: 'another replica of Signalbox saw it used',
};

const ACTIVE_MS = 5 * 60_000;

/** What to make of that, the most important first. */
export function conclusionsOf(why: Why, hubTime: number | null, now: number): string[] {
  const { cause, open, isPolling, lastActivity } = why;
  if (hubTime !== null && hubTime > lastActivity + SLACK_MS) {
    return [
      'The Hub’s time is newer than what the proxy saw: the server itself reports activity, as a running kernel or terminal makes it do.',
    ];
  }
  const lines: string[] = [];
  if (now - lastActivity >= ACTIVE_MS) {
    const idle = `Nothing that counts has come through the proxy for ${formatSpan(now - lastActivity)}`;
    return [`${idle}: it is idle${open ? ', although a connection is open' : ''}.`];
  }
  if (cause === 'data')
    lines.push('Someone has a page open whose websocket carries data: a person who works, or output of a kernel.');
  if (isPolling) {
    lines.push(
      'Requests came in nearly every minute of the last hour: this looks like a page that polls, whether or not anyone looks at it.',
    );
  } else if (cause === 'request') {
    lines.push('Requests that count come in, as when someone works.');
  }
  if (cause === 'added') lines.push('It is new: being added counts as activity.');
  if (cause === 'restored') lines.push('Not used since Signalbox started; the time is from before that.');
  if (cause === 'replica') lines.push('It is used through another replica, which knows more.');
  return lines;
}
