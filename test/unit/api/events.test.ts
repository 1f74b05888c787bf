import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { Event, Verified } from '../../../src/api/traffic/schemas.ts';
import { SignalboxError } from '../../../src/errors.ts';
import { api } from './client.ts';
import { AUTH } from './harness.ts';
import { hubs, THREE } from './namespaces/hubs.ts';

const AS_ADA = { ...AUTH, 'signalbox-actor': 'ada via dashboard' };

describe('events', () => {
  it('are shown from the one on that is known', async () => {
    const { call, events } = api();
    for (const text of ['a', 'b', 'c']) events.add({ kind: 'drift', text });
    const shown = async (query: string) => {
      const answer = (await call('GET', `/events${query}`)).json();
      for (const event of answer.events) expect(Value.Check(Event, event)).toBe(true);
      expect(answer).toMatchObject({ since: events.since, missed: false });
      return answer.events.map(({ text }: { text: string }) => text);
    };
    expect(await shown('')).toEqual(['a', 'b', 'c']);
    expect(await shown('?after=1')).toEqual(['b', 'c']);
    expect(await shown('?after=1&limit=1')).toEqual(['c']);
  });

  it.each(['after=x', 'after=-1', 'limit=1.5', 'after=99999999999999999999'])('with %s are refused', async (query) => {
    const answer = await api().call('GET', `/events?${query}`);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'BAD_PARAMETER']);
  });

  it.each([
    ['GET', '/events'],
    ['POST', '/verify'],
    ['POST', '/check-target'],
  ] as const)('%s %s is for those alone who may see everything', async (method, url) => {
    const { call, hub } = hubs(THREE);
    const codes = [await call(method, url, {}, {}), await hub('physics')(method, url, {})].map(
      (answer) => answer.json().code,
    );
    expect(codes).toEqual(['FORBIDDEN', 'NOT_IN_NAMESPACE']);
  });
});

describe('POST /verify', () => {
  it('answers once the proxy was asked, and is an event of who wanted that', async () => {
    const { call, events } = api();
    const answer = await call('POST', '/verify', undefined, AS_ADA);
    expect([answer.statusCode, Value.Check(Verified, answer.json())]).toEqual([200, true]);
    expect(answer.json()).toMatchObject({ wanted: 9, served: 8 });
    expect(events.after(0).events).toMatchObject([
      { kind: 'action', level: 'info', actor: 'ada via dashboard', text: 'Verified: the proxy serves generation 8' },
    ]);
  });

  it('says why the proxy does not serve the table', async () => {
    const { call, events, state } = api();
    state.verify = async () => {
      throw new SignalboxError('NOT_SERVED', 'it hangs');
    };
    const answer = await call('POST', '/verify', undefined, AS_ADA);
    expect([answer.statusCode, answer.json()]).toEqual([503, { code: 'NOT_SERVED', message: 'it hangs' }]);
    expect(events.after(0).events).toMatchObject([
      { level: 'error', actor: 'ada via dashboard', text: 'Verified: it hangs' },
    ]);
  });
});
