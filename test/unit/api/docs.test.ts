import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../scripts/docs/open-api.ts';
import { API_ERRORS, errorAnswer } from '../../../src/api/errors.ts';
import { type ErrorCode, SignalboxError } from '../../../src/errors.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('the OpenAPI document', () => {
  it('has every endpoint, each with a summary, an example and its answers', async () => {
    const { paths } = await openApiDocument('1.2.3');
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
    );
    expect(operations.map(({ name }) => name).sort()).toEqual(
      [
        'get /api/routes',
        'put /api/routes',
        'patch /api/routes',
        'get /api/routes/{routespec}',
        'post /api/routes/{routespec}',
        'delete /api/routes/{routespec}',
        'get /status',
        'get /events',
        'post /verify',
        'post /check-target',
        'get /healthz',
        'get /readyz',
        'get /metrics',
        'get /traffic',
        'get /traffic/routes',
        'get /traffic/route',
        'get /traffic/people',
        'get /openapi.json',
      ].sort(),
    );
    for (const { name, path, operation } of operations) {
      expect([name, operation.summary]).toEqual([name, expect.any(String)]);
      expect([name, operation['x-curl']]).toEqual([name, expect.stringContaining(`$API${path.split('{')[0]}`)]);
      expect([name, Object.keys(operation.responses)]).toEqual([name, expect.arrayContaining(['500'])]);
    }
  });

  it('says which endpoints need the token', async () => {
    const { paths } = await openApiDocument('1.2.3');
    const open = Object.keys(paths).filter((path) =>
      Object.values(paths[path] ?? {}).some(({ security }) => !security),
    );
    expect(open).toEqual(['/healthz', '/readyz', '/metrics', '/openapi.json']);
  });
});

describe('every code of SignalboxError', () => {
  const union = /export type ErrorCode =([^;]+);/.exec(read('src/errors.ts'))?.[1] ?? '';
  const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map((match) => match[1] as ErrorCode);

  it('has a status and a meaning, and the ones the API answers with are documented', () => {
    expect(codes.length).toBeGreaterThan(10);
    expect(Object.keys(API_ERRORS).sort()).toEqual([...codes, 'BAD_REQUEST'].sort());
    const docs = read('docs/rest-api.md');
    for (const [code, { status, meaning, internal }] of Object.entries(API_ERRORS)) {
      if (!internal) expect(docs).toContain(`| \`${code}\` | ${status} | ${meaning} |`);
    }
  });

  it.each(codes)('%s is answered with its status, its code and its hint', (code) => {
    expect(errorAnswer(new SignalboxError(code, 'text', { hint: 'hint' }))).toEqual({
      status: API_ERRORS[code].status,
      body: { message: 'text', code, hint: 'hint' },
    });
  });
});
