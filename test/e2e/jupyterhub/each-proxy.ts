import { describe, test } from 'vitest';
import { missingProxy, type ProxyKind } from './proxies.ts';
import { missingJupyterHub } from './venv.ts';

/** One suite a kind of proxy; one that can't run here shows up as skipped with the reason. */
export function describeEachProxy(name: string, kinds: readonly ProxyKind[], body: (kind: ProxyKind) => void): void {
  for (const kind of kinds) {
    const missing = missingJupyterHub ?? missingProxy(kind);
    describe(`${name}, ${kind}`, () => {
      if (missing === undefined) body(kind);
      else test('all of it', ({ skip }) => skip(missing));
    });
  }
}
