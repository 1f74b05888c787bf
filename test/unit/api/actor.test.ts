import { describe, expect, it } from 'vitest';
import { api } from './client.ts';
import { AUTH } from './harness.ts';
import { hubs, THREE, tokenOf } from './namespaces/hubs.ts';

const ROUTE = { target: 'http://127.0.0.1:9000' };

/** What a change with this header counts as. */
async function actorFor(header: string | undefined) {
  const { call, changes, logged } = api();
  const headers = header === undefined ? AUTH : { ...AUTH, 'signalbox-actor': Buffer.from(header).toString('latin1') };
  expect((await call('POST', '/api/routes/a', ROUTE, headers)).statusCode).toBe(201);
  const line = logged.map((text) => JSON.parse(text)).find(({ method }) => method === 'POST');
  expect(line.actor).toBe(changes.submitted[0]?.actor);
  return changes.submitted[0]?.actor;
}

describe('who is behind a change', () => {
  it('is what the header says', async () => {
    expect(await actorFor('ada via dashboard')).toBe('ada via dashboard');
    expect(await actorFor('Žofie 🚲')).toBe('Žofie 🚲');
  });

  it('is unknown when nobody says, or nothing is left', async () => {
    expect(await actorFor(undefined)).toBeUndefined();
    expect(await actorFor('')).toBeUndefined();
    expect(await actorFor(' \u202e\u2066 ')).toBeUndefined();
  });

  it('can neither begin a line nor turn the words around it', async () => {
    expect(await actorFor('ada\u202e via\u2028 \u0085dash\u2066board\u061c')).toBe('ada via dashboard');
  });

  it('is cut at 200 bytes, between characters', async () => {
    expect(await actorFor('x'.repeat(300))).toBe('x'.repeat(200));
    expect(await actorFor(`${'x'.repeat(199)}é`)).toBe('x'.repeat(199));
    expect(await actorFor(`${'x'.repeat(198)}éé`)).toBe(`${'x'.repeat(198)}é`);
  });

  it('is its namespace for whoever has the token of one, whatever is said', async () => {
    const { call, changes } = hubs(THREE);
    const headers = { authorization: `token ${tokenOf('physics')}`, 'signalbox-actor': 'root' };
    await call('POST', '/api/routes/a', ROUTE, headers);
    expect(changes.submitted.map(({ actor }) => actor)).toEqual(['namespace physics']);
  });
});
