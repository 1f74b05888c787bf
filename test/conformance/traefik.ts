import type { TraefikDifferenceId } from '../support/traefik-differences.ts';
import type { Case, Fields } from './case.ts';
import { mismatchesByField } from './compare.ts';

/** From field to the difference that makes it another one with Traefik; `*`: the case can't be played at all. */
type Exceptions = Readonly<Record<string, TraefikDifferenceId>>;

/** Flags that Signalbox refuses with Traefik, and says so: cases with them are not played. */
const refusedFlags: Readonly<Record<string, TraefikDifferenceId>> = {
  '--error-path': 'error-path',
  '--auto-rewrite': 'redirects',
  '--protocol-rewrite': 'redirects',
  '--socket': 'public-socket',
};

/** Headers that the backend gets in any case, where configurable-http-proxy sends none. */
const added: Exceptions = {
  'seen.headers.x-forwarded-host': 'added-headers',
  'seen.headers.x-real-ip': 'added-headers',
  'seen.headers.x-forwarded-server': 'added-headers',
  'seen.headers.accept-encoding': 'added-headers',
};

/** By the title of its group and the name of the case; `*` at the end for all fields that begin so. */
const byCase: Readonly<Record<string, Exceptions>> = {
  'The path at the backend: the target has a query': { '*': 'queries-of-targets' },
  'The path at the backend: the target has a query, the request has none': { '*': 'queries-of-targets' },
  'The path at the backend: --no-prepend-path, the target has a query': { '*': 'queries-of-targets' },
  'The path at the backend: --no-include-prefix, a target with a slash and a query': { '*': 'queries-of-targets' },
  'The path at the backend: --no-include-prefix, a unix socket with a slash': { '*': 'unix-sockets' },
  'The path at the backend: a unix socket': { '*': 'unix-sockets' },
  'The path at the backend: a unix socket with a path': { '*': 'unix-sockets' },
  'The path at the backend: a unix socket in the older spelling': { '*': 'unix-sockets' },
  'Websockets: through a unix socket': { '*': 'unix-sockets' },
  'Errors: a unix socket that is not there': { '*': 'unix-sockets' },
  'REST API: the target is given back as the very string that was stored': { '*': 'queries-of-targets' },
  'Choosing the route: no route': { 'headers.content-type': 'plain-pages' },
  'Choosing the route: no route at all': { 'headers.content-type': 'plain-pages' },
  'Choosing the route: an encoded slash splits': { 'seen.url': 'path-spelling' },
  'Choosing the route: an encoded letter': { 'seen.url': 'path-spelling' },
  'Choosing the route: letters beyond ASCII': { 'seen.url': 'path-spelling' },
  'Choosing the route: a replaced route and a removed one': { '4:headers.content-type': 'plain-pages' },
  'Choosing the route: two slashes in front': { 'seen.url': 'path-spelling' },
  'Encodings on the way to the backend: small and big hex digits': { 'seen.url': 'path-spelling' },
  'Encodings on the way to the backend: an encoded letter': { 'seen.url': 'path-spelling' },
  'Encodings on the way to the backend: an encoded percent': { 'seen.url': 'path-spelling' },
  'Encodings on the way to the backend: characters that need no encoding': { 'seen.url': 'path-spelling' },
  'Headers: X-Forwarded-* are appended to': {
    'seen.headers.x-forwarded-for': 'x-forwarded-appended',
    'seen.headers.x-forwarded-port': 'x-forwarded-appended',
    'seen.headers.x-forwarded-proto': 'x-forwarded-appended',
  },
  'Headers: X-Forwarded-For of several proxies': { 'seen.headers.x-forwarded-for': 'x-forwarded-appended' },
  'Headers: X-Forwarded-For twice': { 'seen.headers.x-forwarded-for': 'x-forwarded-appended' },
  'Headers: hop-by-hop headers': { 'seen.headers.proxy-authorization': 'proxy-authorization' },
  'Headers: status and reason': { reason: 'reason-phrases' },
  'Headers: an odd status': { reason: 'reason-phrases' },
  'Headers: Content-Encoding passes': {
    'headers.content-encoding': 'unasked-compression',
    complete: 'unasked-compression',
    'headers.content-length': 'unasked-compression',
    body: 'unasked-compression',
  },
  'Bodies: an answer of HTTP/1.0': { reason: 'reason-phrases' },
  'Bodies: an answer that breaks off': { error: 'cut-answers' },
  'Websockets: headers of the handshake': { 'seen.headers.x-forwarded-for': 'x-forwarded-appended' },
  'Websockets: the backend refuses': { reason: 'reason-phrases' },
  'Errors: no route': { 'headers.content-type': 'plain-pages' },
  'Errors: a dead backend': { 'headers.content-type': 'plain-pages' },
  'Errors: a dead backend and a POST': { 'headers.content-type': 'plain-pages' },
  'Errors: a target that is no URL': { 'headers.content-type': 'plain-pages' },
  'Errors: a target of another scheme': { 'headers.content-type': 'plain-pages' },
  'Errors: a host that does not exist': { 'headers.content-type': 'plain-pages' },
  'Errors: a backend that hangs up': {
    'seen.count': 'repeated-requests',
    'headers.content-type': 'plain-pages',
    'seen2.*': 'repeated-requests',
  },
  'Errors: a backend that is no HTTP': { status: 'untrusted-backends', 'headers.content-type': 'plain-pages' },
  'Errors: a backend that hangs up in its head': {
    status: 'untrusted-backends',
    'headers.content-type': 'plain-pages',
  },
  'TLS: https backend that nobody vouches for': { status: 'untrusted-backends', 'headers.content-type': 'plain-pages' },
  'Listeners: health check, whatever the routes': {
    body: 'health-body',
    'headers.content-type': 'health-body',
    '2:headers.content-type': 'health-body',
    '2:body': 'health-body',
  },
  'Host routing: an unknown host and no root': { 'headers.content-type': 'plain-pages' },
  'The path at the backend: --no-include-prefix, the route itself': { 'seen.url': 'cut-to-nothing' },
  'Errors: --error-target with a path': { 'seen.told': 'error-page-urls' },
  'Errors: --error-target: how the URL is encoded': { 'seen.told': 'error-page-urls' },
  'Errors: --error-target: any URL comes through': {
    'seen.told': 'error-page-urls',
    '2:seen.told': 'error-page-urls',
    '3:seen.told': 'error-page-urls',
  },
  'Errors: --error-target: 503 of a POST': { 'seen.told': 'error-page-urls' },
  'Errors: --error-target: 500': { 'seen.told': 'error-page-urls' },
  'Errors: --error-target: nothing of the client reaches it': { 'seen.told': 'error-page-urls' },
  'Listeners: redirect port, other methods': { status: 'redirect-status' },
  'TLS: https backend, another authority': { status: 'untrusted-backends', 'headers.content-type': 'plain-pages' },
  'TLS: https backend that asks for a certificate, without one': { 'headers.content-type': 'plain-pages' },
  'TLS: an https target whose backend speaks http': {
    status: 'untrusted-backends',
    'headers.content-type': 'plain-pages',
  },
};

/** Why a case can't be played through Traefik; undefined when it can. */
export function notPlayed(flags: readonly string[], name: string): TraefikDifferenceId | undefined {
  return flags.map((flag) => refusedFlags[flag]).find((id) => id !== undefined) ?? byCase[name]?.['*'];
}

/**
 * What is wrong with what Traefik showed: what is neither as with configurable-http-proxy nor as with nginx nor a known
 * difference, and known differences that there are no more.
 */
export function traefikMismatches(
  name: string,
  { difference, ...plain }: Case,
  chp: readonly Fields[],
  traefik: readonly Fields[],
): string[] {
  const asChp = mismatchesByField(plain, chp, traefik);
  const asNginx = mismatchesByField(difference ? { ...plain, difference } : plain, chp, traefik);
  const wrong = Object.keys(asNginx).filter((field) => asChp[field] && !isAdded(field, asChp[field]));
  const known = Object.keys(byCase[name] ?? {});
  const unknown = wrong.filter((field) => !known.some((one) => covers(one, field)));
  const gone = known.filter((one) => !hangsOnTime(name, one) && !wrong.some((field) => covers(one, field)));
  return [
    ...unknown.flatMap((field) => asChp[field] ?? []),
    ...gone.map((field) => `${field}: it holds now, take the exception away`),
  ];
}

/** Traefik repeats a request on a kept connection alone, and on a slow machine the one of an earlier case has been closed by then. */
function hangsOnTime(name: string, field: string): boolean {
  return byCase[name]?.[field] === 'repeated-requests';
}

function covers(exception: string, field: string): boolean {
  return exception.endsWith('*') ? field.startsWith(exception.slice(0, -1)) : field === exception;
}

function isAdded(field: string, lines: readonly string[]): boolean {
  return added[field.replace(/^\d+:/, '')] !== undefined && lines.every((line) => /(chp|want) nothing/.test(line));
}
