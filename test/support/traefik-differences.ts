/** What Traefik does otherwise than nginx: tests name these, the table in docs/proxies.md is made from them. */
export interface TraefikDifference {
  /** What is asked of the proxy. */
  readonly what: string;
  /** What comes of it with Traefik, and why. */
  readonly traefik: string;
}

export const traefikDifferences = {
  'path-spelling': {
    what: 'The path of a request reaches the backend byte for byte',
    traefik:
      'It reaches it in another spelling of the same: percent-encodings in capitals, unreserved characters decoded, dot segments resolved, an encoded slash behind the first segment of a routespec decoded; a path with characters that no URL may have is encoded anew. One with an odd start and double slashes behind it is refused with 400.',
  },
  'query-semicolons': {
    what: 'A `;` in a query reaches the backend as it was sent',
    traefik: 'As `%3B`. Unencoded it would reach it as `&`, and part the query where it was not parted.',
  },
  backslashes: {
    what: 'A path with a backslash that is not encoded, which no browser sends, is refused with 400',
    traefik:
      'It counts as `%5C`, a character like any other: Traefik can not tell them apart. Refused where it stands beside dots, or before a `/../`.',
  },
  fragments: {
    what: 'A request target with a `#`, which no client should send, is passed on',
    traefik: 'Refused with 400.',
  },
  'hidden-dots': {
    what: 'A path whose dot segments only decoding brings to light (`..%2f`) is refused with 400',
    traefik: 'It stays in the route that it begins with, as with configurable-http-proxy.',
  },
  'odd-hosts': {
    what: 'A `Host` that is none (two ports, a user in front, a bracket alone) is refused with 400',
    traefik:
      'It is a name that no route has, or, where only the port is no number, the name in front of it, as with configurable-http-proxy; only what Go refuses is refused.',
  },
  'above-the-root': {
    what: 'A path that leads above the root, `/../x`, is refused with 400',
    traefik: 'Resolved to `/x`, as configurable-http-proxy does.',
  },
  'nul-in-path': {
    what: 'A path with `%00` is refused with 400',
    traefik: 'Passed on to the backend.',
  },
  'keep-alive-hint': {
    what: 'Clients are told how long an idle connection stays open, `Keep-Alive: timeout=N`, and may use it for a second more',
    traefik:
      'They are told nothing. A request on a connection that `--keep-alive-timeout` is closing this very moment is lost; nothing else closes idle ones, for there are no reloads.',
  },
  'long-uris': {
    what: 'A request line of more than 64 KiB is refused with 414',
    traefik: 'Passed on: Go takes up to 1 MB of request line and headers, and answers 431 above.',
  },
  'early-answers': {
    what: 'An answer that comes before the request was sent whole reaches the client at once',
    traefik: 'It waits until the client sends the rest, or more of it: Go reads the request first.',
  },
  'own-502-504': {
    what: 'Status 502 and 504 of a backend itself pass untouched',
    traefik:
      "They become 503, with the error page: Traefik answers 502 and 504 for a backend that is down, and the middleware that makes CHP's 503 of them can not tell the two apart.",
  },
  'x-forwarded-appended': {
    what: '`X-Forwarded-Port` and `-Proto` are appended to what a client sent, as CHP does',
    traefik: 'What the client sent stays as it is; only `X-Forwarded-For` is appended, with a blank behind the comma.',
  },
  'te-and-expect': {
    what: '`TE` and `Expect` go no further than the proxy',
    traefik: '`TE: trailers` and `Expect` are passed on.',
  },
  'added-headers': {
    what: 'The backend gets `X-Forwarded-For`, `-Host`, `-Port` and `-Proto`, and nothing else is added',
    traefik:
      'Also `X-Forwarded-Server`, `X-Real-Ip`, `X-Forwarded-Host` for websockets, and `Accept-Encoding: gzip` where the client sent none. With `--no-x-forward`, `X-Forwarded-Host`, `-Port` and `-Proto` where a proxy in front sent none of that name, but `X-Forwarded-For`; `X-Real-Ip` is taken out. Before Traefik 3.7 all of these are.',
  },
  'header-order': {
    what: 'Headers keep their order and the capitals of their names',
    traefik: 'Go sorts them and writes names as `Like-This`; lines of one name keep their order.',
  },
  'proxy-authorization': {
    what: '`Proxy-Authorization` reaches the backend',
    traefik: 'Taken out: it is for the proxy (RFC 9110, 11.7.2).',
  },
  'plain-pages': {
    what: 'Without an error target, the proxy has an HTML page of its own for 404, 500 and 503',
    traefik: 'A line of plain text, or nothing.',
  },
  'added-date': {
    what: 'The answer of a backend without `Date` gets none',
    traefik: 'Go adds one.',
  },
  'reason-phrases': {
    what: 'A reason phrase of the backend passes',
    traefik: "Replaced by the status's own.",
  },
  methods: {
    what: 'TRACE and methods in lower case are refused',
    traefik: 'Passed on, as CHP does.',
  },
  'health-body': {
    what: '`/_chp_healthz` answers `{"status": "OK"}`',
    traefik: 'It answers `OK` as plain text, with status 200.',
  },
  'end-of-websockets': {
    what: 'The end of a websocket shows in `last_activity` when its client sent data that no look at the sockets saw: the close in good order of a silent one, messages on one that was open for less than the time between two looks',
    traefik: "It does not count: Traefik's access log does not tell how much went over a websocket.",
  },
  'first-byte': {
    what: 'The log tells when the first byte of an answer came, also of one that broke off',
    traefik: 'It tells how long the whole answer took, and that of no answer that broke off.',
  },
  'open-connections': {
    what: 'Open websockets and uploads can be told from other connections',
    traefik:
      'All connections to a backend count, those that rest for the next request, too: nothing tells what one carries.',
  },
  'moved-host-names': {
    what: 'The host name of a target is looked up in the background: a new address is used from the next request on, and the last one stays while the name does not resolve',
    traefik:
      'Traefik looks it up for each new connection: kept ones go on to the old address until they rest for 4 s or break, and while the name does not resolve the answer is 503.',
  },
  'one-process': {
    what: 'The loss of one process of several: a worker, or the master alone',
    traefik:
      'Traefik is one process: when it is killed all its connections end, websockets too. It is back within two seconds.',
  },
  'full-duplex': {
    what: 'An answer streams while its request still does',
    traefik: 'Over HTTP/1.1 the answer begins when the request has ended: Go has no full duplex there.',
  },
  'unix-sockets': {
    what: 'Targets on unix sockets',
    traefik: 'Refused with 400: Traefik connects over TCP alone.',
  },
  'untrusted-backends': {
    what: 'A backend that breaks off, speaks no HTTP, or shows a certificate that nobody vouches for gets 503',
    traefik:
      "500, without an error page: to the middleware that makes CHP's 503 of others it looks like a backend's own 500, which must pass. One that is not vouched for is not asked, either; Traefik's log says why.",
  },
  'addresses-in-certificates': {
    what: 'nginx verifies names alone: a loopback address must be vouched for as `localhost`',
    traefik: 'A certificate for the address itself is good, too, as with CHP.',
  },
  'posts-on-kept-connections': {
    what: 'A request that must not be sent twice has a connection of its own',
    traefik:
      'It may take a kept one. When the backend closes that very connection at that moment, the request fails with 503; idle ones are kept for 4 s, less than backends do.',
  },
  'error-page-headers': {
    what: 'Headers of an error page that would do something (`Set-Cookie`, `Location`, `Cache-Control` …) are left out',
    traefik: 'So they are by 3.7 and later; before, and by a sidecar whose version is not known, all pass.',
  },
  'error-page-urls': {
    what: 'The error target is told path and query of the request',
    traefik: 'It is told the whole URL, with scheme and host.',
  },
  'error-target-down': {
    what: 'When the error target is down, a plain page with the right status takes its place',
    traefik:
      'The status is right, the text is `Bad Gateway` or the like. One that hangs is given up after two seconds as with nginx, but not amid its page, and one that breaks off amid it leaves the client without an answer.',
  },
  'early-frames': {
    what: 'A websocket frame that a client sends before it got the answer to its handshake is not lost',
    traefik: 'It is. No client should send one (RFC 6455, 4.1).',
  },
  upgrades: {
    what: '`Upgrade` to anything but a websocket is taken out of a request',
    traefik: 'The backend is asked for it.',
  },
  'error-path': {
    what: '`--error-path`: error pages out of a folder',
    traefik: 'Refused at the start: Traefik has no files to answer with. An error target can serve the pages.',
  },
  redirects: {
    what: '`--auto-rewrite`, `--protocol-rewrite`: redirects of backends are rewritten',
    traefik: 'Refused at the start: Traefik does not rewrite them.',
  },
  'public-socket': {
    what: '`--socket`: the public side on a unix socket',
    traefik: 'Refused at the start: Traefik listens on addresses alone.',
  },
  'queries-of-targets': {
    what: 'Targets with a query, which goes in front of that of the request',
    traefik: 'Refused with 400.',
  },
  'cut-to-nothing': {
    what: '`--no-include-prefix`: a request for the route itself gets the path of the target as it is',
    traefik: 'With a slash at its end.',
  },
  'unasked-compression': {
    what: 'A compressed answer passes as it is to a client that did not ask for one',
    traefik: 'It is decompressed.',
  },
  'cut-answers': {
    what: 'The first bytes of an answer that breaks off reach the client',
    traefik: 'Not always: Go keeps some back. That the answer is not complete can be seen in any case.',
  },
  'repeated-requests': {
    what: 'A request is sent to its backend once',
    traefik: 'A GET on a kept connection that breaks off without an answer is sent once more (RFC 9110, 9.2.2).',
  },
  'redirect-status': {
    what: 'The redirect port answers every method with 301',
    traefik: 'Methods other than GET get 308, which keeps them.',
  },
} satisfies Record<string, TraefikDifference>;

export type TraefikDifferenceId = keyof typeof traefikDifferences;
