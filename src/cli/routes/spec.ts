import { checkKey } from '../../routes/key.ts';
import type { Operand } from '../options.ts';

/** The operand of commands about one route. */
export const SPEC = {
  name: 'SPEC',
  about:
    'routespec as routes list shows it: /user/ada, or /host.example/user/ada with host routing; not percent-encoded',
} as const satisfies Operand;

/** The key of the table that is meant; throws BAD_ROUTESPEC. */
export function keyOf(spec: string): string {
  return checkKey(spec.startsWith('/') ? spec : `/${spec}`);
}

/** Where the API has that route. */
export function routePath(key: string): string {
  return `/api/routes${key.split('/').map(encodeURIComponent).join('/')}`;
}
