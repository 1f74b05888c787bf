import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { describeAnyPostgres } from '../../support/postgres.ts';
import { anyProxy } from '../../support/proxies.ts';
import { type Answer, rawRequest } from '../../support/raw-http.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { type Member, startFleet, tableOf } from './scene.ts';

/** A request of the Hub of a namespace. */
function ask(member: Member, namespace: string, method: string, target: string, body?: unknown): Promise<Answer> {
  return rawRequest({
    port: member.apiPort,
    method,
    target,
    headers: [['Authorization', `token token-of-${namespace}`]],
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

describeAnyPostgres('several Hubs on one fleet', () => {
  test('each sees and replaces its own routes alone, through whichever replica', async () => {
    const folder = makeTempDir();
    for (const name of ['bio', 'chem']) writeFileSync(join(folder, name), `token-of-${name}`, { mode: 0o600 });
    const file = join(folder, 'signalbox.yaml');
    writeFileSync(
      file,
      `namespaces:
  bio: { token-file: ${folder}/bio, path: /bio }
  chem: { token-file: ${folder}/chem, path: /chem, max-routes: 2 }
`,
    );
    const { members } = await startFleet({ proxy: anyProxy(), count: 2, args: ['--config', file] });
    const [one, two] = members as [Member, Member];
    const backend = await startBackend();
    const route = { target: backend.url };

    await one.add('/bio/user/ada', backend.url);
    await two.add('/chem/user/bob', backend.url);
    expect((await ask(one, 'chem', 'GET', '/api/routes')).json()).toEqual({
      '/chem/user/bob': expect.objectContaining(route),
    });
    expect((await ask(two, 'bio', 'DELETE', '/api/routes/chem/user/bob')).status).toBe(403);
    // What a Hub does that checks its routes, at its hardest.
    expect((await ask(two, 'bio', 'PUT', '/api/routes', { '/bio/user/eve': route })).status).toBe(200);
    expect(Object.keys(await tableOf(one)).sort()).toEqual(['/bio/user/eve', '/chem/user/bob']);
    expect((await one.get('/bio/user/ada/')).status).toBe(404);
    for (const member of members) expect((await member.get('/chem/user/bob/')).status).toBe(200);
    // The quota counts what came through another replica.
    expect((await ask(two, 'chem', 'POST', '/api/routes/chem/user/cat', route)).status).toBe(201);
    const over = await ask(one, 'chem', 'POST', '/api/routes/chem/user/dan', route);
    expect([over.status, over.json()]).toEqual([403, expect.objectContaining({ code: 'OVER_QUOTA' })]);
  }, 60_000);
});
