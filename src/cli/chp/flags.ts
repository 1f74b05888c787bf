import type { OptionGroup } from '../command.ts';

/** All flags of CHP 5.3, in the order of the documentation. */
export const CHP_FLAGS: readonly OptionGroup[] = [
  {
    title: 'Listeners',
    options: {
      ip: { value: 'IP', default: 'all interfaces', about: 'address of the public side' },
      port: { value: 'N', default: '8000', about: 'port of the public side' },
      socket: { value: 'PATH', about: 'unix socket of the public side; not with --ip or --port' },
      'api-ip': { value: 'IP', default: 'localhost', about: 'address of the API' },
      'api-port': { value: 'N', default: 'port + 1', about: 'port of the API' },
      'api-socket': { value: 'PATH', about: 'unix socket of the API; wins over its address' },
      'metrics-ip': { value: 'IP', default: 'all interfaces', about: 'address of the metrics' },
      'metrics-port': { value: 'N', about: 'port of the metrics; without it they have no listener' },
      'metrics-socket': { value: 'PATH', about: 'unix socket of the metrics' },
      'redirect-port': { value: 'N', about: 'port of an HTTP listener that redirects to HTTPS' },
      'redirect-to': { value: 'N', default: 'that of --port', about: 'port that such a redirect names' },
    },
  },
  {
    title: 'TLS',
    options: {
      'ssl-key': { value: 'FILE', about: 'private key of the public side' },
      'ssl-cert': { value: 'FILE', about: 'certificate of the public side' },
      'ssl-ca': { value: 'FILE', about: 'authority of client certificates' },
      'ssl-request-cert': { about: 'turn away clients without a certificate' },
      'ssl-reject-unauthorized': { about: 'implied by --ssl-request-cert' },
      'ssl-protocol': {
        value: 'NAME',
        default: 'TLS 1.2 and 1.3',
        about: 'the only version of TLS, such as TLSv1_2; public side and API',
      },
      'ssl-ciphers': { value: 'LIST', default: "nginx's", about: "ciphers of the public side in OpenSSL's notation" },
      'ssl-allow-rc4': { about: 'no effect: OpenSSL has no RC4 any more' },
      'ssl-dhparam': { value: 'FILE', about: 'Diffie-Hellman parameters of the public side' },
      'api-ssl-key': { value: 'FILE', about: 'private key of the API' },
      'api-ssl-cert': { value: 'FILE', about: 'certificate of the API' },
      'api-ssl-ca': { value: 'FILE', about: 'authorities of client certificates for the API' },
      'api-ssl-request-cert': { about: 'turn away who shows the API no certificate' },
      'api-ssl-reject-unauthorized': { about: 'implied by --api-ssl-request-cert' },
      'client-ssl-key': { value: 'FILE', about: 'private key for https backends' },
      'client-ssl-cert': { value: 'FILE', about: 'certificate to show to https backends' },
      'client-ssl-ca': {
        value: 'FILE',
        default: "Node's roots",
        about: 'authorities of https backends and of the error target',
      },
      'client-ssl-request-cert': { about: 'no effect, as with CHP' },
      'client-ssl-reject-unauthorized': { about: 'no effect, as with CHP' },
      insecure: { about: 'do not verify https backends' },
    },
  },
  {
    title: 'Requests',
    options: {
      'default-target': { value: 'URL', about: 'where requests go that match no route' },
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
      },
      timeout: {
        value: 'MS',
        default: 'none',
        about: 'close client connections that are silent so long amid a request',
      },
      'proxy-timeout': { value: 'MS', default: 'none', about: 'answer 503 when a backend is silent so long' },
      'keep-alive-timeout': { value: 'MS', default: '5000', about: 'how long idle client connections stay' },
    },
  },
  {
    title: 'Process',
    options: {
      'pid-file': { value: 'PATH', about: 'file for the pid, removed at the end' },
      'log-level': { value: 'LEVEL', default: 'info', about: 'debug, info, warn or error' },
      'storage-backend': { value: 'MODULE', about: 'refused: use --persist' },
    },
  },
];
