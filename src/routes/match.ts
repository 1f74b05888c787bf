import type { RoutingTable } from './table.ts';

/**
 * The key of the route that serves a request, as the proxy would choose it: the path resolved and decoded, the longest key
 * whose segments all match, `/` at last. `host` is the Host header, for host routing. Undefined: no route.
 */
export function matchRoute(
  table: Pick<RoutingTable, 'get'>,
  path: string,
  host: string | undefined,
): string | undefined {
  const decoded = decodePath(path);
  if (decoded === undefined) return undefined;
  const front = host === undefined ? '' : `/${host.toLowerCase().replace(/:\d+$/, '')}`;
  let key = front + decoded.replace(/^\/+/, '/').replace(/\/+$/, '');
  for (;;) {
    if (key === '') return table.get('/') ? '/' : undefined;
    if (table.get(key)) return key;
    key = key.slice(0, key.lastIndexOf('/'));
  }
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(new URL(`http://host${path}`).pathname);
  } catch {
    return undefined;
  }
}
