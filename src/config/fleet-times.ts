import type { Facts } from './cross-checks.ts';
import { formatDuration } from './duration.ts';

/** A replica that is gone is waited for so long: until its lease has ended, it would have found out, and balancers have noticed. */
export function fleetTimes({ values }: Facts): string[] {
  const { database, 'database-file': file, lease, 'leave-time': leave, 'apply-timeout': apply } = values;
  const waits = Math.ceil(lease * (4 / 3) + leave);
  if ((database ?? file) === undefined || values.ack === 'own' || waits <= apply) return [];
  return [
    `a replica that is gone is waited for ${formatDuration(waits)} (lease, a third of it, and leave-time), longer than apply-timeout: meanwhile ` +
      'changes get 503, though they are stored. JupyterHub asks again for 30 s: well below that no start of a server fails',
  ];
}
