import type { Peer } from './replicas.ts';

/** How long a peer may take to answer, ms. */
const PATIENCE_MS = 500;

/**
 * Asks other replicas whether they reach the database. Resolves to the name of one that does; undefined when none says so, or none can be
 * asked.
 */
export async function whoHasLease(peers: readonly Pick<Peer, 'name' | 'api'>[]): Promise<string | undefined> {
  const asked = peers.flatMap(({ name, api }) => (api === undefined ? [] : [{ name, api }]));
  const answers = await Promise.all(asked.map(async ({ name, api }) => ((await hasLease(api)) ? name : undefined)));
  return answers.find((name) => name !== undefined);
}

async function hasLease(api: string): Promise<boolean> {
  try {
    const answer = await fetch(new URL('/readyz', api), { signal: AbortSignal.timeout(PATIENCE_MS) });
    return ((await answer.json()) as { lease?: unknown }).lease === true;
  } catch {
    return false;
  }
}
