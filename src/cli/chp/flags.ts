/** A flag of configurable-http-proxy. */
export interface ChpFlag {
  readonly name: string;
  /** What its value is called; undefined for a switch. */
  readonly value?: string;
  /** May be given more than once, and each one counts. */
  readonly repeatable?: boolean;
  /** CHP's default, for the documentation. */
  readonly default?: string;
  /** What it does, for the help. */
  readonly about: string;
  /** What is different behind nginx, for the documentation; nothing where it does what it does in CHP. */
  readonly note?: string;
  /** It has no effect behind nginx, and the log says so. */
  readonly idle?: string;
}

/** Flags under the headings of the help. */
export interface FlagGroup {
  readonly title: string;
  readonly flags: readonly ChpFlag[];
}

const NO_EFFECT_IN_CHP = 'taken, no effect, as with CHP';

/** All flags of CHP 5.3, in the order of the documentation. */
export const CHP_FLAGS: readonly FlagGroup[] = [
  {
    title: 'Listeners',
    flags: [
      {
        name: '--ip',
        value: 'IP',
        default: 'all interfaces',
        about: 'address of the public side',
        note: '`*` means all interfaces, with a warning',
      },
      {
        name: '--port',
        value: 'N',
        default: '8000',
        about: 'port of the public side',
        note: 'what is no number counts as not given',
      },
      {
        name: '--socket',
        value: 'PATH',
        about: 'unix socket of the public side; not with --ip or --port',
        note: 'one that a killed proxy left is replaced',
      },
      {
        name: '--api-ip',
        value: 'IP',
        default: 'localhost',
        about: 'address of the API',
        note: '`*` means all interfaces, with a warning; `localhost` is all of its addresses',
      },
      { name: '--api-port', value: 'N', default: 'port + 1', about: 'port of the API' },
      {
        name: '--api-socket',
        value: 'PATH',
        about: 'unix socket of the API; wins over its address',
        note: 'mode 0600',
      },
      {
        name: '--metrics-ip',
        value: 'IP',
        default: 'all interfaces',
        about: 'address of the metrics',
        note: '`*` means all interfaces, with a warning',
      },
      { name: '--metrics-port', value: 'N', about: 'port of the metrics; without it they have no listener' },
      { name: '--metrics-socket', value: 'PATH', about: 'unix socket of the metrics', note: 'mode 0666' },
      {
        name: '--redirect-port',
        value: 'N',
        about: 'port of an HTTP listener that redirects to HTTPS',
        note: 'as with CHP not when the public side is port 80 or a socket, but then with a warning',
      },
      { name: '--redirect-to', value: 'N', default: '`--port`', about: 'port that such a redirect names' },
    ],
  },
  {
    title: 'TLS',
    flags: [
      { name: '--ssl-key', value: 'FILE', about: 'private key of the public side' },
      {
        name: '--ssl-cert',
        value: 'FILE',
        about: 'certificate of the public side',
        note: 'with HTTP/2 too; a renewed file is taken up without a dropped connection',
      },
      { name: '--ssl-ca', value: 'FILE', about: 'authority of client certificates' },
      {
        name: '--ssl-request-cert',
        about: 'turn away clients without a certificate',
        note: 'needs `--ssl-ca`; who is turned away gets a 400 of nginx, not a failed handshake',
      },
      { name: '--ssl-reject-unauthorized', about: 'implied by --ssl-request-cert', note: NO_EFFECT_IN_CHP },
      {
        name: '--ssl-protocol',
        value: 'NAME',
        default: 'TLS 1.2 and 1.3',
        about: 'the only version of TLS, such as TLSv1_2; public side and API',
        note: '`TLSv1_2` and `TLSv1_3`; older ones are warned about, and 1.2 and 1.3 are spoken',
      },
      {
        name: '--ssl-ciphers',
        value: 'LIST',
        default: "nginx's",
        about: "ciphers of the public side in OpenSSL's notation",
      },
      {
        name: '--ssl-allow-rc4',
        about: 'no effect: OpenSSL has no RC4 any more',
        note: 'no effect, with a warning',
        idle: 'OpenSSL has no RC4 any more',
      },
      { name: '--ssl-dhparam', value: 'FILE', about: 'Diffie-Hellman parameters of the public side' },
      { name: '--api-ssl-key', value: 'FILE', about: 'private key of the API' },
      {
        name: '--api-ssl-cert',
        value: 'FILE',
        about: 'certificate of the API',
        note: 'a renewed file is taken up without a dropped connection',
      },
      { name: '--api-ssl-ca', value: 'FILE', about: 'authorities of client certificates for the API' },
      {
        name: '--api-ssl-request-cert',
        about: 'turn away who shows the API no certificate',
        note: 'needs `--api-ssl-ca`',
      },
      { name: '--api-ssl-reject-unauthorized', about: 'implied by --api-ssl-request-cert', note: NO_EFFECT_IN_CHP },
      { name: '--client-ssl-key', value: 'FILE', about: 'private key for https backends' },
      { name: '--client-ssl-cert', value: 'FILE', about: 'certificate to show to https backends' },
      {
        name: '--client-ssl-ca',
        value: 'FILE',
        default: "Node's roots",
        about: 'authorities of https backends and of the error target',
      },
      { name: '--client-ssl-request-cert', about: 'no effect, as with CHP', note: NO_EFFECT_IN_CHP },
      { name: '--client-ssl-reject-unauthorized', about: 'no effect, as with CHP', note: NO_EFFECT_IN_CHP },
      {
        name: '--insecure',
        about: 'do not verify https backends',
        note: 'has the effect that CHP only promises',
      },
    ],
  },
  {
    title: 'Requests',
    flags: [
      {
        name: '--default-target',
        value: 'URL',
        about: 'where requests go that match no route',
        note: 'has to be a URL: exit 1 otherwise, where CHP would answer 500 later',
      },
      { name: '--error-target', value: 'URL', about: 'where error pages come from' },
      { name: '--error-path', value: 'PATH', about: 'folder of error pages; not with --error-target' },
      { name: '--host-routing', about: 'route by host, then by path' },
      { name: '--no-x-forward', about: 'send no X-Forwarded-* headers' },
      { name: '--no-prepend-path', about: "leave out the path of a route's target" },
      { name: '--no-include-prefix', about: "leave out a route's own path" },
      { name: '--auto-rewrite', about: "redirects to the target's host get the client's" },
      { name: '--change-origin', about: "send the target's host as Host" },
      { name: '--protocol-rewrite', value: 'PROTO', about: 'scheme of such redirects: http or https' },
      {
        name: '--custom-header',
        value: 'HEADER',
        repeatable: true,
        about: "header 'NAME: VALUE' for backends; may be repeated",
        note: 'names that HTTP does not allow, control characters, and headers of the connection itself are refused',
      },
      {
        name: '--timeout',
        value: 'MS',
        default: 'none',
        about: 'close client connections that are silent so long amid a request',
        note: 'while the client is to send or to take something; a wait for a silent backend is for `--proxy-timeout`, with an answer: 503',
      },
      {
        name: '--proxy-timeout',
        value: 'MS',
        default: 'none',
        about: 'answer 503 when a backend is silent so long',
        note: 'an answer that has begun is cut off, where CHP hangs',
      },
      { name: '--keep-alive-timeout', value: 'MS', default: '5000', about: 'how long idle client connections stay' },
    ],
  },
  {
    title: 'Process',
    flags: [
      { name: '--pid-file', value: 'PATH', about: 'file for the pid, removed at the end' },
      {
        name: '--log-level',
        value: 'LEVEL',
        default: 'info',
        about: 'debug, info, warn or error',
        note: 'in any case; any other word: silence',
      },
      {
        name: '--storage-backend',
        value: 'MODULE',
        about: 'refused: use --persist',
        note: 'refused, for it names a JavaScript module of CHP: `--persist` keeps the table in SQLite',
      },
    ],
  },
];
