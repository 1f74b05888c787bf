import { SignalboxError } from '../errors.ts';
import { listProblems } from '../routes/problems.ts';
import type { Refusal } from '../routes/refusal.ts';
import { Breather } from '../system/breather.ts';

/** Why a proxy can't serve these routes; the error names all that it can't. Undefined when it can. */
export async function refusalOf<T extends { readonly key: string }>(
  routes: readonly T[],
  refuses: (route: T) => Refusal | undefined,
): Promise<SignalboxError | undefined> {
  const breather = new Breather();
  const refused: (Refusal & { key: string })[] = [];
  for (const route of routes) {
    const refusal = refuses(route);
    if (refusal) refused.push({ ...refusal, key: route.key });
    if (breather.isDue) await breather.rest();
  }
  const [first] = refused;
  if (!first) return undefined;
  if (routes.length === 1) {
    const code = first.of === 'target' ? 'BAD_TARGET' : 'BAD_ROUTESPEC';
    return new SignalboxError(code, `${JSON.stringify(first.key)}: ${first.message}`, { hint: first.hint });
  }
  const hints = new Set(refused.map(({ hint }) => hint));
  return new SignalboxError('BAD_TABLE', listProblems(refused), {
    hint: `${[...hints].join(' ')} Nothing was changed.`,
  });
}
