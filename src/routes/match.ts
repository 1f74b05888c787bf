import { firstSegments, resolvePath, withoutOuterSlashes } from './key.ts';
import type { RoutingTable } from './table.ts';

/**
 * The key of the route that serves a request, as the proxy would choose it: dot segments resolved in the path as it was sent, then
 * percent-decoded, the longest key whose segments all match, `/` at last. A dot segment that appears only after decoding
 * (`..%2f`) is a name that no key has: the browser took it for one when it chose the cookies. `host` is the Host header, for
 * host routing. Undefined: no route.
 */
export function matchRoute(
  table: Pick<RoutingTable, 'get'>,
  path: string,
  host: string | undefined,
): string | undefined {
  const resolved = resolvePath(path);
  if (resolved === undefined) return undefined;
  const front = host === undefined ? '' : `/${hostName(host)}`;
  const inner = withoutOuterSlashes(decodePath(resolved));
  const whole = inner === '' ? front : `${front}/${inner}`;
  let key = firstSegments(whole, MOST_SEGMENTS) ?? whole;
  for (;;) {
    if (key === '') return table.get('/') ? '/' : undefined;
    if (table.get(key)) return key;
    key = key.slice(0, key.lastIndexOf('/'));
  }
}

/** No driver takes keys with more; a request may have thousands, and each would be looked up. */
const MOST_SEGMENTS = 64;

/** Without the port, and without the final dot of a fully qualified name (RFC 1034, 3.1). */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

/** A segment that is no UTF-8 belongs to no key, nor does what follows. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    let decoded = '';
    for (const segment of path.split(/\/|%2f/i).slice(1)) {
      try {
        decoded += `/${decodeURIComponent(segment)}`;
      } catch {
        return `${decoded}/\0`;
      }
    }
    return decoded;
  }
}
