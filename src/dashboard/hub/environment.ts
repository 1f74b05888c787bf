import { SignalboxError } from '../../errors.ts';

/** What a Hub tells a service by its environment, or an operator in its place. */
export interface HubEnvironment {
  /** The Hub's REST API, with a slash at its end. */
  readonly apiUrl: URL;
  /** The service's own, which is also the secret of the OAuth client. */
  readonly apiToken: string;
  readonly clientId: string;
  /** Letter for letter as the Hub has it: it compares strings. Often without a host. */
  readonly callbackUrl: string;
  /** Whoever has one of them may look. */
  readonly accessScopes: readonly string[];
  /** Where browsers find the Hub's pages, with a slash at its end; without a host where it is the dashboard's own. */
  readonly hubUrl: string;
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  /** With a slash at both ends. */
  readonly prefix: string;
  /** The key of the route that the Hub has its proxy keep; null for a service without `url` in its configuration. */
  readonly ownRoute: string | null;
  readonly publicUrl: URL | undefined;
  readonly hostCookies: boolean;
  /** With internal_ssl: the files of its own certificate, and of whom it trusts. */
  readonly tlsFiles: { readonly key: string; readonly cert: string; readonly ca: string } | undefined;
}

const CALLBACK = 'oauth_callback';

/**
 * Reads the variables `JUPYTERHUB_…`; undefined without a Hub. An empty one counts as absent: the Hub leaves some so. `hubUrl`: where
 * browsers find the Hub, `https://hub.example/`, for a service on an origin of its own.
 */
export function readHubEnvironment(env: NodeJS.ProcessEnv, hubUrl?: string): HubEnvironment | undefined {
  const given = (name: string) => env[`JUPYTERHUB_${name}`] || undefined;
  if (given('API_URL') === undefined && hubUrl === undefined) return undefined;

  const hub = hubUrl === undefined ? `${given('HOST') ?? ''}${hubPath(given('BASE_URL') ?? '/')}` : hubPages(hubUrl);
  const apiUrl = given('API_URL') === undefined ? new URL('api/', hub) : url('API_URL');
  const name = given('SERVICE_NAME');
  const clientId = given('CLIENT_ID') ?? (name === undefined ? undefined : `service-${name}`);
  const apiToken = given('API_TOKEN');
  const prefix = given('SERVICE_PREFIX');
  const callbackUrl =
    given('OAUTH_CALLBACK_URL') ?? (prefix === undefined ? undefined : `${withSlash(prefix)}${CALLBACK}`);
  const missing = [
    ...(apiToken === undefined ? ['JUPYTERHUB_API_TOKEN'] : []),
    ...(clientId === undefined ? ['JUPYTERHUB_SERVICE_NAME'] : []),
    ...(callbackUrl === undefined ? ['JUPYTERHUB_OAUTH_CALLBACK_URL'] : []),
  ];
  if (apiToken === undefined || clientId === undefined || callbackUrl === undefined) {
    throw new SignalboxError('BAD_CONFIG', `missing in the environment of a service of a Hub: ${missing.join(', ')}`, {
      hint: 'the Hub sets them for a service that it starts itself; for another one see docs/jupyterhub.md',
    });
  }
  const callback = callbackOf(callbackUrl);
  return {
    apiUrl,
    apiToken,
    clientId,
    callbackUrl,
    accessScopes: accessScopes(name ?? clientId.replace(/^service-/, '')),
    hubUrl: hub,
    listen: listen(),
    prefix: callback.prefix,
    ownRoute: prefix === undefined ? null : routeOf(callback),
    publicUrl: given('PUBLIC_URL') === undefined ? callback.publicUrl : url('PUBLIC_URL'),
    // Only on a host name of its own is there nobody else whom Path=/ would give them to.
    hostCookies: given('COOKIE_HOST_PREFIX_ENABLED') === '1' && callback.publicUrl?.protocol === 'https:',
    tlsFiles: tlsFiles(),
  };

  function url(variable: string): URL {
    const text = given(variable) ?? '';
    if (!/^https?:$/.test(URL.parse(text)?.protocol ?? '')) throw bad(variable, text, 'an http:// or https:// URL');
    return new URL(withSlash(text));
  }

  function listen(): HubEnvironment['listen'] {
    if (given('SERVICE_URL') === undefined) return undefined;
    const { hostname, port, protocol } = url('SERVICE_URL');
    const usual = protocol === 'https:' ? 443 : 80;
    return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? usual : Number(port) };
  }

  function callbackOf(text: string): { readonly prefix: string; readonly publicUrl: URL | undefined } {
    const isPath = /^\/(?![/\\])/.test(text);
    const found = URL.parse(text, isPath ? 'http://localhost' : undefined);
    if (!found || !/^https?:$/.test(found.protocol) || !found.pathname.endsWith(`/${CALLBACK}`)) {
      throw bad('OAUTH_CALLBACK_URL', text, `a path or URL that ends with /${CALLBACK}`);
    }
    const own = new URL('.', found);
    // The Hub gives both the same unless its configuration has an oauth_redirect_uri of its own.
    if (prefix !== undefined && own.pathname !== withSlash(prefix)) {
      throw bad('OAUTH_CALLBACK_URL', text, `below JUPYTERHUB_SERVICE_PREFIX, ${withSlash(prefix)}${CALLBACK}`);
    }
    return { prefix: own.pathname, publicUrl: isPath ? undefined : own };
  }

  function accessScopes(service: string): readonly string[] {
    const text = given('OAUTH_ACCESS_SCOPES');
    if (text === undefined) return ['access:services', `access:services!service=${service}`];
    const scopes = parseJson(text);
    if (Array.isArray(scopes) && scopes.length > 0 && scopes.every((one) => typeof one === 'string')) return scopes;
    throw bad('OAUTH_ACCESS_SCOPES', text, 'a list of scopes in JSON');
  }

  function tlsFiles(): HubEnvironment['tlsFiles'] {
    const [key, cert, ca] = [given('SSL_KEYFILE'), given('SSL_CERTFILE'), given('SSL_CLIENT_CA')];
    if (key !== undefined && cert !== undefined && ca !== undefined) return { key, cert, ca };
    if (key === undefined && cert === undefined && ca === undefined) return undefined;
    const names = 'JUPYTERHUB_SSL_KEYFILE, JUPYTERHUB_SSL_CERTFILE and JUPYTERHUB_SSL_CLIENT_CA';
    throw new SignalboxError('BAD_CONFIG', `${names} belong together: some of them are missing`);
  }
}

/** With subdomains routes begin with the host. */
function routeOf({ prefix, publicUrl }: { readonly prefix: string; readonly publicUrl: URL | undefined }): string {
  return `${publicUrl === undefined ? '' : `/${publicUrl.hostname}`}${prefix.slice(0, -1)}`;
}

/** `https://hub.example/base/` and `https://hub.example/base/hub/` alike. */
function hubPages(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? '')) {
    throw new SignalboxError('BAD_CONFIG', `--hub-url: ${JSON.stringify(text)} is no http:// or https:// URL`);
  }
  const { origin, pathname } = new URL(text);
  return `${origin}${/\/hub\/?$/.test(pathname) ? withSlash(pathname) : hubPath(pathname)}`;
}

function hubPath(base: string): string {
  return `${withSlash(base)}hub/`;
}

function withSlash(text: string): string {
  return text.endsWith('/') ? text : `${text}/`;
}

function bad(variable: string, text: string, want: string): SignalboxError {
  return new SignalboxError('BAD_CONFIG', `JUPYTERHUB_${variable}: ${JSON.stringify(text)} is not ${want}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
