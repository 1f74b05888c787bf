import fc from 'fast-check';
import type { HTTPMethods } from 'fastify';
import { describe, expect, it } from 'vitest';
import { createAuthorizer, refuseChange } from '../../../src/api/auth.ts';
import { runs } from '../../support/chance.ts';
import { api } from './client.ts';
import { AUTH, TOKEN } from './harness.ts';

const READ = 'only-reads';
const AS_READER = { authorization: `token ${READ}` };
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** The API with the token that reads, and all endpoints that it has. */
async function withReader() {
  const made = api({ readToken: READ });
  const endpoints: { method: HTTPMethods; url: string }[] = [];
  made.app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) endpoints.push({ method: one, url: url.replace(':routespec', 'user/ada') });
  });
  await made.app.ready();
  const ask = async (method: HTTPMethods, url: string, headers: Record<string, string>) => {
    const answer = await made.app.inject({ method: method as 'GET', url, headers, payload: '{"target":"http://b:1"}' });
    return { status: answer.statusCode, code: answer.body === '' ? undefined : codeOf(answer.body) };
  };
  return { ...made, endpoints, ask };
}

function codeOf(body: string): unknown {
  try {
    return JSON.parse(body).code;
  } catch {
    return undefined;
  }
}

describe('a token that only reads', () => {
  it('gets what the whole token gets, at every endpoint', async () => {
    const { endpoints, ask, call } = await withReader();
    await call('POST', '/api/routes/user/ada', { target: 'http://127.0.0.1:9000' });
    const reads = endpoints.filter(({ method }) => method === 'GET' || method === 'HEAD');
    expect(reads.map(({ url }) => url)).toEqual(expect.arrayContaining(['/api/routes', '/status', '/metrics']));
    for (const { method, url } of reads) {
      expect({ url, ...(await ask(method, url, AS_READER)) }).toEqual({ url, ...(await ask(method, url, AUTH)) });
      expect((await ask(method, url, AS_READER)).status, url).not.toBe(403);
    }
  });

  it('does nothing else, whatever the endpoint and the method', async () => {
    const { endpoints, ask, changes } = await withReader();
    const urls = [...new Set([...endpoints.map(({ url }) => url), '/nowhere', '//api/routes', '/api/routes/%2e%2e'])];
    for (const url of urls) {
      for (const method of METHODS.filter((one) => one !== 'GET' && one !== 'HEAD')) {
        expect({ method, url, ...(await ask(method, url, AS_READER)) }).toEqual({
          ...{ method, url },
          ...{ status: 403, code: 'READ_ONLY' },
        });
      }
    }
    expect(changes.submitted).toEqual([]);
  });

  it('is told which token it takes', async () => {
    const { call } = await withReader();
    expect((await call('DELETE', '/api/routes/user/ada', undefined, AS_READER)).json()).toEqual({
      code: 'READ_ONLY',
      message: 'Forbidden: this token only reads',
      hint: 'Nothing was done. A DELETE needs the token that SIGNALBOX_API_TOKEN or token-file gives to Signalbox.',
    });
  });

  it('keeps nobody else from changes, and opens nothing to others', async () => {
    const { call } = await withReader();
    const route = { target: 'http://127.0.0.1:9000' };
    expect((await call('POST', '/api/routes/a', route)).statusCode).toBe(201);
    for (const headers of [{}, { authorization: 'token wrong' }]) {
      const answers = [
        await call('POST', '/api/routes/a', route, headers),
        await call('GET', '/status', undefined, headers),
      ];
      expect(answers.map((answer) => answer.json().code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    }
  });
});

it('whatever is sent as a token, only the whole one may do what is not a read', () => {
  const viewOf = createAuthorizer({ token: TOKEN, readToken: READ, hostRouting: false }, []);
  const passes = (header: string, method: string) => {
    const view = viewOf(header);
    try {
      refuseChange(view, method);
    } catch {
      return false;
    }
    return view !== undefined;
  };
  const text = fc.oneof(fc.constantFrom(TOKEN, READ, `${READ}x`, READ.slice(1), READ.toUpperCase()), fc.string());
  const scheme = fc.constantFrom('token ', 'Bearer ', 'bearer ', ' token  ', 'Basic ', '');
  fc.assert(
    fc.property(scheme, text, fc.constantFrom(...METHODS), (scheme, given, method) => {
      const known = /^\s*(?:token|bearer) /i.test(scheme);
      const [shown] = known ? given.trimStart().split(/\s/) : [];
      const isRead = method === 'GET' || method === 'HEAD';
      expect(passes(scheme + given, method)).toBe(shown === TOKEN || (shown === READ && isRead));
    }),
    runs(2_000),
  );
});
