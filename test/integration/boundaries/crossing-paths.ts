import fc from 'fast-check';
import type { matchRoute } from '../../../src/routes/match.ts';
import { startBackend } from '../../support/backend.ts';

/**
 * JupyterHub keeps users apart by cookies with a path of their own (`/user/ada/`, `/hub/`). Which of them a browser sends
 * along follows from the path as WHATWG URL reads it, in which `..%2f` and `..%5c` are names like any other.
 */

/** No file can have this name, so nginx has such a user's route in its configuration. */
const LONG = 'l'.repeat(256);

/** Routes, and so the paths of cookies. */
export const KEYS = ['/', '/hub', '/user/ada', '/user/bob', '/user/bob/lab', `/user/${LONG}`, '/services/ada'] as const;

/** Paths by which Ada's or the Hub's cookies went to Bob's server. */
export const KNOWN: readonly string[] = [
  '/user/ada/..%2fbob/steal',
  '/hub/..%2fuser/bob/steal',
  '/user/ada/%2e%2e%2fbob',
  '/user/ada/.%2e%2fbob',
  '/user/ada/%2E.%2Fbob',
  '/user/ada/x/..%2f..%2fbob',
  '/user/ada/x%2f..%2f..%2fbob',
  '/user/ada/..%2fbob%2flab',
  '/user/ada/%2f..%2f..%2fbob',
  '/hub/api/..%2f..%2fuser/bob',
  '/hub/..%2Fuser%2Fbob%2Fsteal',
  '/hub%2f..%2fuser/bob',
  '/hub/x%2f../../user/bob',
  '/user/ada/a%2fb%2f../../../bob/x',
  '/user/ada/.%2f..%2fbob',
  '/user/ada%2f..%2fbob',
  '/user/ada%2f../bob/x',
  '/user/ada/..%2f',
  '/user/ada/x%2f..',
  '/hub/..%2f..%2f..%2fuser/bob/steal',
  '/hub//..%2f..%2fuser/bob',
  '/user/ada/..%2fbob/steal?next=/user/ada/',
  '/hub/..%2fuser/bob/steal#/hub/',
  // A browser makes slashes of these; whoever does not must not find another route than it would.
  '/user/ada/..\\bob/steal',
  '/user/ada\\..\\bob\\steal',
  '/hub/user\\x/../../user/bob',
  // Windows would climb here; to everybody else these are names.
  '/user/ada/..%5cbob/steal',
  '/user/ada/..%5C..%5c..%5Cuser%5Cbob',
  '/user/ada/..%252fbob',
  '/user/ada/%252e%252e%252fbob',
  '/user/ada/..;/bob',
  '/user/ada/..;%2fbob',
  '/user/ada/..%00%2fbob',
  '/user/ada/%c0%ae%c0%ae%c0%afbob',
  '/user/ada/..%c0%afbob',
  '/user/ada/..%ef%bc%8fbob',
  '/user/ada/..%e2%88%95bob',
  '/USER/ADA/..%2fbob',
  '/%75ser/ada/..%2fbob',
  '/hub/%2575ser/..%2fuser/bob',
  `/user/ada/..%2f${LONG}/steal`,
  `/user/${LONG}/..%2fbob/steal`,
];

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('/', '/', '%2f', '%2F', '..', '.', '%2e', '%2E', '%2e%2e', '.%2e') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('\\', '%5c', '%5C', '%252f', '%252e', ';', '%c0%ae', '%c0%af', '%ff', '%00'),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom('user', 'ada', 'bob', 'hub', 'lab', 'x', '%61da', 'Bob', 'user/bob', 'hub/x', LONG),
  },
);
const start = fc.constantFrom('/', '/user/ada/', '/user/ada', '/hub/', '/hub/api/', '/user/bob/lab/', '/user%2fada/');
const climb = fc.constantFrom('..%2f', '../', '%2e%2e%2F', 'x%2f..%2f', 'x/..%2f', './', '..\\', '..%5c', '%2f../');

/** Paths that want to lead somewhere else than they begin, and any others of the same pieces. */
export const paths: fc.Arbitrary<string> = fc
  .oneof(
    fc.tuple(start, fc.array(climb, { maxLength: 4 }), fc.constantFrom('bob/x', 'user/bob', 'bob%2flab', 'hub', '')),
    fc.tuple(start, fc.array(piece, { maxLength: 9 }), fc.constantFrom('', '/', '/x')),
  )
  .map(([head, middle, tail]) => head + middle.join('') + tail);

/** What a browser makes of the path before it looks for cookies; undefined for what is no URL. */
export function asBrowsersRead(path: string): string | undefined {
  return URL.canParse(`http://hub${path}`) ? new URL(`http://hub${path}`).pathname : undefined;
}

/** Cookies of which routes go along with a request for this path (RFC 6265, 5.1.4)? */
export function cookiesFor(path: string): string[] {
  const read = asBrowsersRead(path) ?? '';
  return KEYS.filter((key) => key !== '/' && `${read}/`.startsWith(`${key}/`));
}

/** Does one of them lie below the other? */
export function isInLine(one: string, other: string): boolean {
  const [a, b] = [one, other].map((key) => (key === '/' ? '/' : `${key}/`)) as [string, string];
  return a.startsWith(b) || b.startsWith(a);
}

/** Is there anything that two readers could take for a dot segment, or a slash that is none? Then a proxy may refuse the path. */
export function isDoubtful(path: string): boolean {
  const [read = ''] = path.split(/[?#]/);
  const hasDots = read.split(/[/\\]|%2f|%5c/i).some((name) => /^(?:\.|%2e){1,2}$/i.test(name));
  return hasDots || /\\|%00/.test(read);
}

/** Double slashes that Traefik makes one of before it looks for a route; where more are left, it refuses the path. */
export function hasDoubleSlashes(path: string): boolean {
  return /(?:\/|%2f){2}/i.test(path);
}

/** Traefik can't tell a backslash from an encoded one. */
export function asTraefikReads(path: string): string {
  return path.replaceAll('\\', '%5C');
}

/** Segments of a path as browsers read it, decoded byte by byte, empty ones left out. */
export function segmentsOf(path: string): string[] {
  const decoded = (asBrowsersRead(path) ?? '').replace(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return decoded.split('/').filter((name) => name !== '');
}

/** Are the segments of the key the first ones of the path? */
export function liesUnder(path: string, key: string): boolean {
  const names = segmentsOf(path);
  return segmentsOf(key).every((name, at) => names[at] === name);
}

/** As much of a table as `matchRoute` asks for. */
export function tableOf(keys: readonly string[]): Parameters<typeof matchRoute>[0] {
  return { get: (key: string) => keys.includes(key) } as unknown as Parameters<typeof matchRoute>[0];
}

/** A backend for each key, which tells it; by key. */
export async function startUsers(keys: readonly string[]): Promise<Record<string, string>> {
  const backends = await Promise.all(keys.map((name) => startBackend({ name })));
  return Object.fromEntries(backends.map(({ name, url }) => [name, url]));
}
