import { SignalboxError } from '../errors.ts';

export interface KeyOptions {
  /** Keys are `/host/path`; hosts have no case (RFC 9110 section 4.2.3), so the first segment is put in lower case. */
  readonly hostRouting?: boolean;
}

/**
 * The path that a request is for, still percent-encoded: query and fragment dropped, dot segments resolved (`%2e` too)
 * and backslashes turned as WHATWG URL has it, like CHP. Takes the absolute form `http://host/path` as well (RFC 9112
 * section 3.2.2); a path that begins with `//` stays a path. Undefined for what is no URL at all.
 */
export function resolvePath(rawUrl: string): string | undefined {
  // Put behind a host, nothing of a path can be taken for one: new URL('//evil/x', base) would do that.
  const url = rawUrl.startsWith('/') || rawUrl.startsWith('\\') ? `http://h${rawUrl}` : rawUrl;
  return URL.canParse(url) ? new URL(url).pathname : undefined;
}

/** The key that the part of a request path after `/api/routes` means: resolved, then percent-decoded once. */
export function keyFromRequestPath(rawPath: string, options: KeyOptions = {}): string {
  const resolved = resolvePath(rawPath.startsWith('/') ? rawPath : `/${rawPath}`) ?? rawPath;
  return normalize(decode(resolved), options);
}

/** The same for a key that came in JSON, decoded already. */
export function checkKey(key: string, options: KeyOptions = {}): string {
  if (!key.startsWith('/')) throw refuse(key, 'does not start with a slash', 'Keys look like "/user/alice".');
  return normalize(key, options);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw refuse(path, 'can not be percent-decoded', 'Encode it as UTF-8, and a plain "%" as "%25".', cause);
  }
}

function normalize(decoded: string, options: KeyOptions): string {
  const key = `/${withoutOuterSlashes(decoded)}`;
  if (key.includes('\0')) throw refuse(key, 'contains a NUL character', 'No request can have such a path.');
  if (!key.isWellFormed()) throw refuse(key, 'contains a lone surrogate', 'No UTF-8 can stand for it.');
  if (/(^|\/)\.\.?(\/|$)/.test(key)) {
    throw refuse(key, 'contains a "." or ".." segment', 'Clients and proxies resolve these, so it could never match.');
  }
  return options.hostRouting ? lowerCaseHost(key) : key;
}

/** No regular expression: /\/+$/ takes quadratic time on a long run of slashes inside. */
export function withoutOuterSlashes(path: string): string {
  let start = 0;
  let end = path.length;
  while (path[start] === '/') start++;
  while (end > start && path[end - 1] === '/') end--;
  return path.slice(start, end);
}

/** The number of a key's segments: 0 for the root, 2 for `/user/ada`. */
export function depthOf(key: string): number {
  if (key === '/') return 0;
  let depth = 0;
  for (let at = 0; at >= 0; at = key.indexOf('/', at + 1)) depth++;
  return depth;
}

/** `/user/ada` of `/user/ada/lab`, 2; undefined for a key that has fewer. */
export function firstSegments(key: string, depth: number): string | undefined {
  let end = 0;
  for (let segment = 0; segment < depth; segment++) {
    if (end === key.length) return undefined;
    const next = key.indexOf('/', end + 1);
    end = next < 0 ? key.length : next;
  }
  return key.slice(0, end);
}

function lowerCaseHost(key: string): string {
  const end = key.indexOf('/', 1);
  return end < 0 ? key.toLowerCase() : key.slice(0, end).toLowerCase() + key.slice(end);
}

function refuse(key: string, why: string, hint: string, cause?: unknown): SignalboxError {
  return new SignalboxError('BAD_ROUTESPEC', `the routespec ${JSON.stringify(key)} ${why}`, { hint, cause });
}
