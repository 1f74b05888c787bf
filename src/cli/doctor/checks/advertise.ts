import { describeError } from '../../../errors.ts';
import { ask } from '../../../process/ask.ts';
import { type Finding, ok, skipped, warn } from '../check.ts';
import { WITH_SQLITE } from '../in-database.ts';
import type { Scene } from '../scene.ts';

const PATIENCE_MS = 2_000;
const WHY = 'Else one that alone is cut off from the database stays ready and serves an old table.';

/** Can replicas ask each other whether the database is there? */
export async function advertise({ config, database, api }: Scene): Promise<Finding> {
  if (database === undefined) return skipped(WITH_SQLITE);
  const fleet = 'failure' in api ? undefined : api.report.fleet;
  const others = (fleet?.replicas ?? []).filter(({ self, leaseSeconds }) => !self && leaseSeconds > 0);
  const own = config.advertise;
  if (own === undefined) {
    if (others.length === 0) return skipped('advertise is not given, and no other replica is known');
    return warn(
      'this replica does not tell the others where its API is',
      `Set advertise to where they reach it, such as http://10.0.0.7:8001. ${WHY}`,
    );
  }
  const silent = others.filter((one) => one.api === null).map(({ name }) => name);
  if (silent.length > 0) {
    return warn(`replicas do not tell where their API is: ${silent.join(', ')}`, `Set advertise there, too. ${WHY}`);
  }
  const asked = [own, ...others.flatMap((one) => one.api ?? [])];
  const failures = (await Promise.all(asked.map(failureOf))).filter((failure) => failure !== undefined);
  if (failures.length > 0) {
    return warn(
      `what replicas advertise can't be reached from here: ${failures.join('; ')}`,
      `A firewall or a NetworkPolicy must let replicas reach each other's API, which must not listen on a loopback address alone; a certificate of your own authority needs NODE_EXTRA_CA_CERTS. ${WHY}`,
    );
  }
  return ok(asked.length === 1 ? `${own} answers` : `${own} answers, and those of the ${others.length} others do`);
}

/** Undefined: it answers as replicas do. */
async function failureOf(url: string): Promise<string | undefined> {
  try {
    const { text } = await ask(url, '/readyz', { timeoutMs: PATIENCE_MS });
    return 'lease' in JSON.parse(text) ? undefined : `${url} answers, but not as a replica does`;
  } catch (error) {
    return `${url}: ${describeError(error)}`;
  }
}
