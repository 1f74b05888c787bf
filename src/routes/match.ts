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
  let key = firstSegments(front + withoutOuterSlashes(decoded));
  for (;;) {
    if (key === '') return table.get('/') ? '/' : undefined;
    if (table.get(key)) return key;
    key = key.slice(0, key.lastIndexOf('/'));
  }
}

/** No driver takes keys with more; a request may have thousands, and each would be looked up. */
const MOST_SEGMENTS = 64;

function firstSegments(key: string): string {
  let end = 0;
  for (let count = 0; count < MOST_SEGMENTS; count++) {
    end = key.indexOf('/', end + 1);
    if (end < 0) return key;
  }
  return key.slice(0, end);
}

// No regular expression: /\/+$/ takes quadratic time on a long run of slashes inside.
function withoutOuterSlashes(path: string): string {
  let start = 0;
  let end = path.length;
  while (path[start + 1] === '/') start++;
  while (end > start && path[end - 1] === '/') end--;
  return path.slice(start, end);
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(new URL(`http://host${path}`).pathname);
  } catch {
    return undefined;
  }
}
