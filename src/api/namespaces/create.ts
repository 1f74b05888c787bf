import type { NamespaceSetting } from '../../config/namespaces/setting.ts';
import type { RoutingTable } from '../../routes/table.ts';
import { mountOf } from './mount.ts';
import { Quota } from './quota.ts';
import type { View } from './view.ts';

/** A part of the table with a token of its own. */
export interface Namespace {
  readonly name: string;
  /** The token, hashed: see hashToken. */
  readonly token: Buffer;
  readonly view: View;
  readonly maxRoutes: number | undefined;
  /** How many there are now. */
  readonly routes: () => number;
}

/** `tokens`: hashed, by name. */
export function createNamespaces(
  settings: readonly NamespaceSetting[],
  tokens: ReadonlyMap<string, Buffer>,
  table: RoutingTable,
): Namespace[] {
  return settings.map((setting) => {
    const { name, scope, maxRoutes } = setting;
    const routes = table.counter(scope);
    const quota = maxRoutes === undefined ? undefined : new Quota({ namespace: name, maxRoutes, routes, table });
    const view = { namespace: name, scope, mayChange: true, ...mountOf(setting), quota };
    return { name, token: tokenOf(name, tokens), view, maxRoutes, routes };
  });
}

function tokenOf(name: string, tokens: ReadonlyMap<string, Buffer>): Buffer {
  const token = tokens.get(name);
  if (token === undefined) throw new Error(`the namespace ${name} has no token`);
  return token;
}
