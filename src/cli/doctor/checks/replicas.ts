import type { StatusReport } from '../../../api/schemas.ts';
import { type Finding, ok, skipped, warn } from '../check.ts';
import { WITH_SQLITE } from '../in-database.ts';
import type { Scene } from '../scene.ts';

type Replica = NonNullable<StatusReport['fleet']>['replicas'][number];

/** Is one of them left over, or left behind? */
export function replicas({ api }: Scene): Finding {
  if ('failure' in api) return skipped('the API does not answer');
  if (api.report.fleet === null) return skipped(WITH_SQLITE);
  const { replicas } = api.report.fleet;
  const [live, gone] = [replicas.filter(hasLease), replicas.filter((one) => !hasLease(one))];
  if (gone.length > 0) {
    const list = gone.map(({ name, leaseSeconds }) => `${name} ${Math.round(-leaseSeconds)} s ago`).join(', ');
    return warn(
      `the lease of a replica has ended: ${list}`,
      'It was killed, it hangs, or it does not reach the database. One that is gone for good is forgotten after an hour, or when it starts again; nobody waits for it.',
    );
  }
  const versions = [...new Set(live.map(({ version }) => version))];
  if (versions.length > 1) {
    const list = live.map(({ name, version }) => `${name} ${version}`).join(', ');
    return warn(
      `replicas of several versions run beside each other: ${list}`,
      'Finish the rolling update: two releases that follow each other work together, for as long as it takes.',
    );
  }
  return ok(live.length === 1 ? 'there is one replica' : `${live.length} replicas, all of version ${versions.join()}`);
}

function hasLease({ leaseSeconds }: Replica): boolean {
  return leaseSeconds > 0;
}
