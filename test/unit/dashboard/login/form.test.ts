import { expect, test } from 'vitest';
import { dashboard, ORIGIN, WHOLE } from '../harness.ts';

function made() {
  const server = dashboard({ options: { isBehindProxy: true } });
  const post = (token: string, headers: Record<string, string> = {}, query = '') =>
    server.send({
      method: 'POST',
      url: `/signalbox/sign-in${query}`,
      headers: { origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: new URLSearchParams({ token }).toString(),
    });
  return { ...server, post };
}

test('the form needs no script, and says what was wrong', async () => {
  const { send, post } = made();
  const { body, headers } = await send({ url: '/signalbox/sign-in' });
  expect(headers['content-type']).toBe('text/html');
  expect(body).toMatch(/<form method="post">\n<label>Token<input name="token" type="password"/);
  expect(body).not.toContain('<script');
  const wrong = await post('wrong');
  expect([wrong.statusCode, wrong.headers['set-cookie']]).toEqual([403, undefined]);
  expect(wrong.body).toContain('<p role="alert">Token is wrong.</p>');
  expect(wrong.body).not.toContain('value=');
});

test('whoever has signed in goes on to where they wanted to, and nowhere else', async () => {
  const { post } = made();
  const next = async (query: string) => {
    const answer = await post(WHOLE, { 'x-forwarded-for': query }, query);
    return [answer.statusCode, answer.headers.location];
  };
  expect(await next('')).toEqual([303, '/signalbox/']);
  expect(await next('?next=%2Fsignalbox%2F%3Fx%3D1')).toEqual([303, '/signalbox/?x=1']);
  expect(await next('?next=%2F%2Fevil.example')).toEqual([303, '/signalbox/']);
  expect(await next('?next=%2Fuser%2Fmallory')).toEqual([303, '/signalbox/']);
  expect(await next('?next=a&next=b')).toEqual([303, '/signalbox/']);
});

test('five tries a minute, each address for itself, with the right token, too', async () => {
  const { post } = made();
  for (let tries = 0; tries < 5; tries++) expect((await post('wrong')).statusCode).toBe(403);
  const refused = await post(WHOLE);
  expect(refused.statusCode).toBe(429);
  expect(refused.headers['set-cookie']).toBeUndefined();
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(refused.body).toMatch(/Too many tries: wait \d+ s\./);
  // What a client says itself of where it comes from is not the last that the proxy has added.
  expect((await post(WHOLE, { 'x-forwarded-for': '192.0.2.9, 127.0.0.1' })).statusCode).toBe(429);
  expect((await post(WHOLE, { 'x-forwarded-for': '192.0.2.9' })).statusCode).toBe(303);
});

test('however many addresses there are, sixty tries a minute in all', async () => {
  const { post } = made();
  const statuses = [];
  for (let address = 0; address < 62; address++) {
    statuses.push((await post('wrong', { 'x-forwarded-for': `192.0.2.${address}` })).statusCode);
  }
  expect(statuses.filter((status) => status === 403)).toHaveLength(60);
  expect(statuses.slice(60)).toEqual([429, 429]);
});

test('what is no form is refused, and what is too long not read', async () => {
  const { send, post } = made();
  const odd = await send({
    method: 'POST',
    url: '/signalbox/sign-in',
    headers: { origin: ORIGIN, 'content-type': 'application/json' },
    payload: JSON.stringify({ token: WHOLE }),
  });
  expect([odd.statusCode, odd.headers['set-cookie']]).toEqual([415, undefined]);
  expect((await post('x'.repeat(10_000))).statusCode).toBe(413);
});
