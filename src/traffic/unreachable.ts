import type { Hit } from '../activity/hit.ts';

/** Did the proxy make this answer, as the backend gave none? A client that went away before (499) has waited for nobody. */
export function isUnreachable({ answered, status }: Pick<Hit, 'answered' | 'status'>): boolean {
  return answered === false && status >= 500;
}
