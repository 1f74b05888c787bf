/**
 * The flags that cases run with. A set holds several flags where they don't touch each other, as each set costs the start
 * of two proxies.
 */
const publicSide = ['--ssl-key', '{public-key}', '--ssl-cert', '{public-cert}'];
const apiSide = ['--api-ssl-key', '{public-key}', '--api-ssl-cert', '{public-cert}'];
const redirect = ['--redirect-port', '{redirect-port}'];
const metrics = ['--metrics-ip', '127.0.0.1', '--metrics-port', '{metrics-port}'];

/** Public side and API with TLS, and a port that redirects to it. */
export const TLS = [...publicSide, ...apiSide, ...redirect];

/** Both want certificates of their clients. */
export const CLIENT_CERTIFICATES = [
  ...[...publicSide, '--ssl-ca', '{client-cert}', '--ssl-request-cert'],
  ...[...apiSide, '--api-ssl-ca', '{client-cert}', '--api-ssl-request-cert', '--api-ssl-reject-unauthorized'],
  ...[...redirect, '--redirect-to', '8443'],
];

/** One version of TLS, a redirect to the port of https, and an authority that nobody's certificate is from. */
export const TLS_1_2 = [
  ...[...publicSide, '--ssl-protocol', 'TLSv1_2'],
  ...[...redirect, '--redirect-to', '443'],
  ...['--client-ssl-ca', '{stranger-cert}'],
];

/** Several authorities for https backends; and the metrics. */
export const BACKEND_CA = ['--client-ssl-ca', '{authorities}', ...metrics];

/** And a certificate to show to them. */
export const BACKEND_CERTIFICATE = [
  ...['--client-ssl-ca', '{authorities}', '--client-ssl-key', '{proxy-key}', '--client-ssl-cert', '{proxy-cert}'],
];

export const CHANGE_ORIGIN = ['--change-origin', '--default-target', 'http://127.0.0.1:9', '--insecure'];

export const NO_X_FORWARD = ['--no-x-forward', '--protocol-rewrite', 'https'];

export const CUSTOM_HEADERS = [
  ...['--custom-header', 'X-One: 1', '--custom-header', ' X-Two : a: b '],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what nginx must not evaluate
  ...['--custom-header', 'X-Odd: $uri "${host}" \\ ; {}'],
  ...['--error-target', '{dead}'],
];

export const CUSTOM_HOST = ['--custom-header', 'Host: other.example', '--error-target', '{error}/hub/error'];

export const ERROR_TARGET = ['--error-target', '{error}'];

export const ERROR_PAGES = ['--error-path', '{pages}'];

export const NO_ERROR_PAGES = ['--error-path', '{no-pages}', '--proxy-timeout', '300'];
