import type { Option } from '../options.ts';

/** A flag of configurable-http-proxy. */
export interface ChpFlag extends Option {
  /** What is different behind nginx, for the documentation; nothing where it does what it does in CHP. */
  readonly note?: string;
  /** It has no effect behind nginx, and the log says so. */
  readonly idle?: string;
}

/** Flags under a heading of the help. */
interface ChpGroup {
  readonly title: string;
  readonly options: Readonly<Record<string, ChpFlag>>;
}

const NO_EFFECT_IN_CHP = 'taken, no effect, as with CHP';

/** All flags of CHP 5.3, in the order of the documentation. */
export const CHP_FLAGS: readonly ChpGroup[] = [
  {
    title: 'Listeners',
    options: {
      ip: {
        value: 'IP',
        default: 'all interfaces',
        about: 'address of the public side',
        note: '`*` means all interfaces, with a warning',
      },
      port: {
        value: 'N',
        default: '8000',
        about: 'port of the public side',
        note: 'what is no number counts as not given',
      },
      socket: {
        value: 'PATH',
        about: 'unix socket of the public side; not with --ip or --port',
        note: 'one that a killed proxy left is replaced',
      },
      'api-ip': {
        value: 'IP',
        default: 'localhost',
        about: 'address of the API',
        note: '`*` means all interfaces, with a warning; `localhost` is all of its addresses',
      },
      'api-port': { value: 'N', default: 'port + 1', about: 'port of the API' },
      'api-socket': { value: 'PATH', about: 'unix socket of the API; wins over its address', note: 'mode 0600' },
      'metrics-ip': {
        value: 'IP',
        default: 'all interfaces',
        about: 'address of the metrics',
        note: '`*` means all interfaces, with a warning',
      },
      'metrics-port': { value: 'N', about: 'port of the metrics; without it they have no listener' },
      'metrics-socket': { value: 'PATH', about: 'unix socket of the metrics', note: 'mode 0666' },
      'redirect-port': {
        value: 'N',
        about: 'port of an HTTP listener that redirects to HTTPS',
        note: 'as with CHP not when the public side is port 80 or a socket, but then with a warning',
      },
      'redirect-to': { value: 'N', default: 'that of --port', about: 'port that such a redirect names' },
    },
  },
  {
    title: 'TLS',
    options: {
      'ssl-key': { value: 'FILE', about: 'private key of the public side' },
      'ssl-cert': {
        value: 'FILE',
        about: 'certificate of the public side',
        note: 'with HTTP/2 too; a renewed file is taken up without a dropped connection',
      },
      'ssl-ca': { value: 'FILE', about: 'authority of client certificates' },
      'ssl-request-cert': {
        about: 'turn away clients without a certificate',
        note: 'needs `--ssl-ca`; who is turned away gets a 400 of nginx, not a failed handshake',
      },
      'ssl-reject-unauthorized': { about: 'implied by --ssl-request-cert', note: NO_EFFECT_IN_CHP },
      'ssl-protocol': {
        value: 'NAME',
        default: 'TLS 1.2 and 1.3',
        about: 'the only version of TLS, such as TLSv1_2; public side and API',
        note: '`TLSv1_2` and `TLSv1_3`; older ones are warned about, and 1.2 and 1.3 are spoken',
      },
      'ssl-ciphers': { value: 'LIST', default: "nginx's", about: "ciphers of the public side in OpenSSL's notation" },
      'ssl-allow-rc4': {
        about: 'no effect: OpenSSL has no RC4 any more',
        note: 'no effect, with a warning',
        idle: 'OpenSSL has no RC4 any more',
      },
      'ssl-dhparam': { value: 'FILE', about: 'Diffie-Hellman parameters of the public side' },
      'api-ssl-key': { value: 'FILE', about: 'private key of the API' },
      'api-ssl-cert': {
        value: 'FILE',
        about: 'certificate of the API',
        note: 'a renewed file is taken up without a dropped connection',
      },
      'api-ssl-ca': { value: 'FILE', about: 'authorities of client certificates for the API' },
      'api-ssl-request-cert': { about: 'turn away who shows the API no certificate', note: 'needs `--api-ssl-ca`' },
      'api-ssl-reject-unauthorized': { about: 'implied by --api-ssl-request-cert', note: NO_EFFECT_IN_CHP },
      'client-ssl-key': { value: 'FILE', about: 'private key for https backends' },
      'client-ssl-cert': { value: 'FILE', about: 'certificate to show to https backends' },
      'client-ssl-ca': {
        value: 'FILE',
        default: "Node's roots",
        about: 'authorities of https backends and of the error target',
      },
      'client-ssl-request-cert': { about: 'no effect, as with CHP', note: NO_EFFECT_IN_CHP },
      'client-ssl-reject-unauthorized': { about: 'no effect, as with CHP', note: NO_EFFECT_IN_CHP },
      insecure: { about: 'do not verify https backends', note: 'has the effect that CHP only promises' },
    },
  },
  {
    title: 'Requests',
    options: {
      'default-target': {
        value: 'URL',
        about: 'where requests go that match no route',
        note: 'has to be a URL: exit 1 otherwise, where CHP would answer 500 later',
      },
      'error-target': { value: 'URL', about: 'where error pages come from' },
      'error-path': { value: 'PATH', about: 'folder of error pages; not with --error-target' },
      'host-routing': { about: 'route by host, then by path' },
      'no-x-forward': { about: 'send no X-Forwarded-* headers' },
      'no-prepend-path': { about: "leave out the path of a route's target" },
      'no-include-prefix': { about: "leave out a route's own path" },
      'auto-rewrite': { about: "redirects to the target's host get the client's" },
      'change-origin': { about: "send the target's host as Host" },
      'protocol-rewrite': { value: 'PROTO', about: 'scheme of such redirects: http or https' },
      'custom-header': {
        value: 'HEADER',
        repeatable: true,
        about: "header 'NAME: VALUE' for backends; may be repeated",
        note: 'names that HTTP does not allow, control characters, and headers of the connection itself are refused',
      },
      timeout: {
        value: 'MS',
        default: 'none',
        about: 'close client connections that are silent so long amid a request',
        note: 'while the client is to send or to take something; a wait for a silent backend is for `--proxy-timeout`, with an answer: 503',
      },
      'proxy-timeout': {
        value: 'MS',
        default: 'none',
        about: 'answer 503 when a backend is silent so long',
        note: 'an answer that has begun is cut off, where CHP hangs',
      },
      'keep-alive-timeout': { value: 'MS', default: '5000', about: 'how long idle client connections stay' },
    },
  },
  {
    title: 'Process',
    options: {
      'pid-file': { value: 'PATH', about: 'file for the pid, removed at the end' },
      'log-level': {
        value: 'LEVEL',
        default: 'info',
        about: 'debug, info, warn or error',
        note: 'in any case; any other word: silence',
      },
      'storage-backend': {
        value: 'MODULE',
        about: 'refused: use --persist',
        note: 'refused, for it names a JavaScript module of CHP: `--persist` keeps the table in SQLite',
      },
    },
  },
];
