import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { Event } from '../../../src/api/traffic/schemas.ts';
import { withEvents } from '../../../src/observe/event-log.ts';
import { Events } from '../../../src/observe/events.ts';
import { createLog } from '../../../src/observe/log.ts';

const texts = ({ events }: { events: readonly Event[] }) => events.map(({ text }) => text);

describe('events', () => {
  it('are given after the one that is known, the oldest first', () => {
    const events = new Events(() => 7_000);
    for (const text of ['a', 'b', 'c']) events.add({ kind: 'change', text });
    expect(texts(events.after(0))).toEqual(['a', 'b', 'c']);
    expect(events.after(2)).toEqual({
      events: [{ id: 3, time: 7_000, kind: 'change', level: 'info', actor: null, key: null, text: 'c' }],
      missed: false,
    });
    expect([texts(events.after(3)), texts(events.after(99))]).toEqual([[], []]);
    expect([texts(events.after(0, 2)), texts(events.after(0, 0))]).toEqual([['b', 'c'], []]);
  });

  it('are the last 1,000, and who has missed some is told', () => {
    const events = new Events();
    for (let i = 1; i <= 3_456; i++) events.add({ kind: 'change', text: `${i}` });
    const all = events.after(0);
    expect([all.missed, all.events.length, all.events[0]?.id, all.events.at(-1)?.id]).toEqual([
      true,
      1_000,
      2_457,
      3_456,
    ]);
    expect(events.after(2_456).missed).toBe(false);
    expect(events.after(2_455).missed).toBe(true);
  });

  it('take no more memory than their number and the length of their texts allow', () => {
    const events = new Events();
    events.add({ kind: 'change', key: `/${'k'.repeat(10_000)}`, text: 't'.repeat(10_000) });
    const [event] = events.after(0).events;
    expect(event?.text).toBe(`${'t'.repeat(500)}…`);
    expect(event?.key).toHaveLength(501);
    expect(Value.Check(Event, event)).toBe(true);
  });
});

describe('a line of the log that is an event', () => {
  const told = (level: 'info' | 'error') => {
    const events = new Events();
    const lines: string[] = [];
    const log = withEvents(createLog({ level, format: 'json' }, { write: (line) => lines.push(line) }), events);
    return { events, lines, log };
  };

  it('becomes one, with its reason, its route and its actor; others do not', () => {
    const { events, lines, log } = told('info');
    log.info({ routes: 3 }, 'no event');
    log.warn({ event: 'failure', reason: 'it hangs' }, 'the proxy is gone');
    log.error({ event: 'refused', key: '/a', actor: 'ada', reason: 'why' }, 'refused: why');
    expect(events.after(0).events).toMatchObject([
      { kind: 'failure', level: 'warning', text: 'the proxy is gone: it hangs', key: null, actor: null },
      { kind: 'refused', level: 'error', text: 'refused: why', key: '/a', actor: 'ada' },
    ]);
    expect(lines).toHaveLength(3);
  });

  it('is one whatever level the log has', () => {
    const { events, lines, log } = told('error');
    log.info({ event: 'reload' }, 'nginx was reloaded');
    expect([lines, texts(events.after(0))]).toEqual([[], ['nginx was reloaded']]);
  });
});
