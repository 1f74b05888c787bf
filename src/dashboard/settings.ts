import { readTextFile } from '../config/read-file.ts';
import { readTokenFile } from '../config/token.ts';
import { SignalboxError } from '../errors.ts';
import { formatAddress, type HostPort, isLoopback, parseAddress } from '../system/address.ts';
import type { DaemonAccess } from './daemon.ts';
import type { HubPlace } from './hub/hub-api.ts';
import { PasswordFile } from './login/password-file.ts';
import type { Tokens } from './login/token.ts';

/** The options of `signalbox dashboard`, as they were given; undefined where they were not. */
export interface DashboardOptions {
  /** A URL. */
  readonly api: string;
  readonly 'token-file': string | undefined;
  readonly 'read-token-file': string | undefined;
  readonly listen: string | undefined;
  readonly 'listen-socket': string | undefined;
  readonly prefix: string | undefined;
  readonly 'public-url': string | undefined;
  readonly 'behind-https': boolean;
  readonly login: string | undefined;
  readonly 'password-file': string | undefined;
  readonly 'login-header': string | undefined;
  readonly 'login-secret-file': string | undefined;
  readonly 'hub-url': string | undefined;
}

export interface Settings {
  readonly daemon: DaemonAccess;
  readonly place: Place;
  readonly login: LoginChoice;
  readonly warnings: readonly string[];
}

/** Where it is, for the machine and for browsers. */
export interface Place {
  readonly address: HostPort;
  /** Stands instead of the address. */
  readonly socket: string | undefined;
  readonly tls: HubPlace['tls'];
  readonly prefix: string;
  readonly publicUrl: URL | undefined;
  /** Undefined: what the proxy says of each request counts. */
  readonly isHttps: boolean | undefined;
  readonly hosts: readonly string[] | undefined;
  readonly isBehindProxy: boolean;
  /** The folder of its cookies. */
  readonly cookiePath: string;
}

export type LoginChoice =
  | { readonly kind: 'hub' | 'none' }
  | { readonly kind: 'token'; readonly tokens: Tokens }
  | { readonly kind: 'password'; readonly file: PasswordFile }
  | { readonly kind: 'header'; readonly name: string; readonly secret: string | undefined };

export const DEFAULT_LISTEN = '127.0.0.1:8002';
export const DEFAULT_PREFIX = '/signalbox/';
const DEFAULT_PORT = 8002;

/** Reads options and variables; `hub`: where a Hub has it stand. Throws BAD_CONFIG. */
export function readSettings(options: DashboardOptions, env: NodeJS.ProcessEnv, hub: HubPlace | undefined): Settings {
  const { tokens, warnings } = readTokens(options, env);
  const place = readPlace(options, hub);
  const login: LoginChoice = hub === undefined ? readLogin(options, tokens, place) : onlyHub(options);
  if (login.kind === 'password' && login.file.isOpen) {
    warnings.push('every user of this machine can read the password-file: make it 0600');
  }
  const { whole, read } = tokens;
  // An API without a token is open to whoever reaches it.
  const daemon = { url: options.api, token: whole ?? read, mayChange: whole !== undefined || read === undefined };
  return { daemon, place, login, warnings };
}

function readTokens(options: DashboardOptions, env: NodeJS.ProcessEnv): { tokens: Tokens; warnings: string[] } {
  const warnings: string[] = [];
  const token = (flag: 'token-file' | 'read-token-file', ...variables: string[]): string | undefined => {
    const path = options[flag];
    if (path === undefined) return variables.map((name) => env[name]).find((value) => value);
    const found = readTokenFile({ path, place: `--${flag}` }, readTextFile, flag);
    const [problem] = found.problems;
    if (problem) throw bad(`${problem.place}: ${problem.message}`);
    warnings.push(...found.warnings);
    return found.token;
  };
  const whole = token('token-file', 'SIGNALBOX_API_TOKEN', 'CONFIGPROXY_AUTH_TOKEN');
  const read = token('read-token-file', 'SIGNALBOX_READ_TOKEN');
  return { tokens: { whole, read }, warnings };
}

function readPlace(options: DashboardOptions, hub: HubPlace | undefined): Place {
  const publicUrl = readPublicUrl(options['public-url']) ?? hub?.publicUrl;
  const prefix = readPrefix(options.prefix) ?? hub?.prefix ?? publicUrl?.pathname ?? DEFAULT_PREFIX;
  if (publicUrl && publicUrl.pathname !== '/' && publicUrl.pathname !== prefix) {
    throw bad(`--prefix ${prefix} is not the path of the public URL ${publicUrl}`, 'The proxy in front must leave it.');
  }
  const socket = options['listen-socket'];
  if (socket !== undefined && options.listen !== undefined)
    throw bad('--listen and --listen-socket exclude each other');
  const address = readListen(options.listen) ?? hub?.listen ?? { host: '127.0.0.1', port: DEFAULT_PORT };
  const behindHttps = options['behind-https'] || publicUrl?.protocol === 'https:';
  const isLocal = socket !== undefined || isLoopback(address.host);
  // The Hub chose its address, and speaks TLS with its services or has that network to itself.
  const isTheHubs = hub !== undefined && options.listen === undefined;
  if (!isLocal && !isTheHubs && !behindHttps) {
    throw bad(`--listen ${formatAddress(address)}: others would read passwords and cookies on their way`, BEHIND_HTTPS);
  }
  if (hub === undefined && !isLocal && publicUrl === undefined) {
    throw bad(`--listen ${formatAddress(address)} needs --public-url: the address in browsers`);
  }
  return {
    ...{ address, socket, prefix, publicUrl },
    tls: hub?.tls,
    isHttps: behindHttps ? true : publicUrl || !hub ? false : undefined,
    // A Hub's service is behind a proxy, and a browser that comes by another name has none of its cookies.
    hosts: hub || socket !== undefined ? undefined : [isLocal ? 'loopback' : address.host],
    isBehindProxy: hub !== undefined || socket !== undefined || behindHttps || publicUrl !== undefined,
    cookiePath: hub?.hostCookies ? '/' : prefix,
  };
}

const BEHIND_HTTPS = 'Put a proxy with https in front and say so: --behind-https, with --public-url.';

function readListen(text: string | undefined): HostPort | undefined {
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  if (address === undefined) throw bad(`--listen: found ${JSON.stringify(text)}, want HOST:PORT`);
  return address;
}

function readPrefix(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // It is a part of redirects and of the path of a cookie.
  if (!/^\/(?:[\w.~-]+\/)*$/.test(text) || new URL(text, 'http://localhost').pathname !== text) {
    throw bad(`--prefix: found ${JSON.stringify(text)}, want a path such as ${DEFAULT_PREFIX}`);
  }
  return text;
}

function readPublicUrl(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw bad(`--public-url: found ${JSON.stringify(text)}, want a URL such as https://ops.example/signalbox/`);
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  readPrefix(url.pathname);
  return url;
}

function readLogin(options: DashboardOptions, tokens: Tokens, place: Place): LoginChoice {
  const { login: kind = 'token' } = options;
  const unused = [
    ...(kind === 'password' ? [] : ['password-file' as const]),
    ...(kind === 'header' ? [] : (['login-header', 'login-secret-file'] as const)),
  ].find((name) => options[name] !== undefined);
  if (unused) throw bad(`--${unused} says nothing with --login ${kind}`);

  switch (kind) {
    case 'none':
      if (place.socket !== undefined || !isLoopback(place.address.host) || place.isBehindProxy) {
        throw bad('--login none is for loopback alone, without a proxy in front', 'Choose another --login.');
      }
      return { kind };
    case 'password':
      if (options['password-file'] === undefined) throw bad('--login password needs --password-file FILE');
      return { kind, file: new PasswordFile(options['password-file']) };
    case 'header':
      return headerChoice(options, place);
    default:
      if (tokens.whole !== undefined || tokens.read !== undefined) return { kind: 'token', tokens };
      throw bad('there is no token to sign in with', 'Name its file: --token-file FILE. Or choose another --login.');
  }
}

function headerChoice(options: DashboardOptions, { socket }: Place): LoginChoice {
  const { 'login-header': name, 'login-secret-file': path } = options;
  if (name === undefined) throw bad('--login header needs --login-header NAME');
  if (!/^[A-Za-z0-9-]+$/.test(name)) throw bad(`--login-header: ${JSON.stringify(name)} is no name of a header`);
  if (path === undefined) {
    if (socket !== undefined) return { kind: 'header', name, secret: undefined };
    throw bad(
      '--login header needs --login-secret-file FILE or --listen-socket PATH: whoever reaches the port would be anybody',
    );
  }
  const { token, problems } = readTokenFile({ path, place: '--login-secret-file' }, readTextFile, 'login-secret-file');
  const [problem] = problems;
  if (problem) throw bad(`${problem.place}: ${problem.message}`);
  return { kind: 'header', name, secret: token };
}

function onlyHub(options: DashboardOptions): LoginChoice {
  const given = (['password-file', 'login-header', 'login-secret-file'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (given) throw bad(`--${given} says nothing for a service of a Hub, where people sign in`);
  return { kind: 'hub' };
}

function bad(message: string, hint?: string): SignalboxError {
  return new SignalboxError('BAD_CONFIG', message, { hint });
}
