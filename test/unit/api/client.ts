import type { FastifyInstance } from 'fastify';
import { afterEach } from 'vitest';
import { AUTH, harness } from './harness.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

/** The API over a table in memory with a client that has the token; closed after the test. */
export function api(...options: Parameters<typeof harness>) {
  const made = harness(...options);
  open.push(made.app);
  const call = (
    method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH',
    url: string,
    body?: unknown,
    headers: Record<string, string> = AUTH,
  ) =>
    made.app.inject({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return { ...made, call };
}
