import type { KeyOptions } from '../../routes/key.ts';
import { type Scope, WHOLE_TABLE } from '../../routes/scope.ts';
import type { Quota } from './quota.ts';

/** What a token sees and changes of the table, and by which keys. */
export interface View {
  /** Undefined: the whole table. */
  readonly namespace: string | undefined;
  readonly scope: Scope;
  /** False: it only sees. */
  readonly mayChange: boolean;
  /** How keys are read that come from clients. */
  readonly keys: KeyOptions;
  /** The key in the table for one that a client gives; throws NOT_IN_NAMESPACE. */
  toStored(given: string): string;
  /** The key that a client is shown for one in the table, which must be in the scope. */
  toShown(key: string): string;
  readonly quota: Quota | undefined;
}

/** Everything, as it is. */
export function wholeView(hostRouting: boolean, mayChange = true): View {
  const same = (key: string) => key;
  return {
    namespace: undefined,
    scope: WHOLE_TABLE,
    mayChange,
    keys: { hostRouting },
    toStored: same,
    toShown: same,
    quota: undefined,
  };
}
