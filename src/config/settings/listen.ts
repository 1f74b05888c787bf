import { optional, withDefault } from '../setting.ts';

const socket = { socket: true } as const;

/** Where Signalbox and its proxy listen. */
export const listen = {
  public: withDefault('address', '127.0.0.1:8000', 'Where the proxy listens for the users of the Hub.'),
  'public-socket': optional('path', 'Unix socket where nginx listens for them instead; not with Traefik.', {
    ...socket,
    inNginxConfig: true,
  }),
  api: withDefault('address', '127.0.0.1:8001', 'Where Signalbox listens for the Hub (ConfigurableHTTPProxy.api_url).'),
  'api-socket': optional('path', 'Unix socket for the Hub instead of an address; wins over api.', socket),
  'token-file': optional('path', 'File with the token the Hub must show; read when no variable holds the token.', {
    neverEcho: true,
  }),
  'read-token-file': optional('path', 'File with a token that reads all through the API and changes nothing.', {
    neverEcho: true,
  }),
  'insecure-no-token': withDefault('boolean', 'false', 'Let the API listen for other machines without a token.', {
    neverEcho: true,
  }),
  metrics: optional('address', 'A listener of its own for /metrics, which the API has too; it asks for no token.'),
  'metrics-socket': optional('path', 'Unix socket for /metrics instead of an address; wins over metrics.', socket),
  redirect: optional('address', 'Where the proxy listens for HTTP and redirects to HTTPS; needs ssl-cert.'),
  'redirect-to': optional('integer', 'Port that such a redirect names; the port of public unless given.', {
    minimum: 1,
    maximum: 65_535,
  }),
};
