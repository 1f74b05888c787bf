import { SignalboxError } from '../../errors.ts';
import type { Options, OptionValues } from '../options.ts';
import { type ApiAddress, readToken } from './api.ts';

/** The options of every command that asks the API. */
export const API_OPTIONS = {
  api: {
    value: 'URL',
    about: 'Address of its API, or the path of its socket.',
    // The last two as the daemon has them: in its environment they lead to it.
    env: ['SIGNALBOX_API_URL', 'SIGNALBOX_API_SOCKET', 'SIGNALBOX_API'],
    default: 'http://127.0.0.1:8001',
  },
  'token-file': { value: 'FILE', about: 'File with the token of the API.' },
} as const satisfies Options;

/** The variables of every command that asks the API. */
export const API_ENVIRONMENT = [
  ['SIGNALBOX_API_TOKEN, CONFIGPROXY_AUTH_TOKEN', 'the token, where --token-file is not given'],
  ['NODE_EXTRA_CA_CERTS', 'file with the authority of the API, where that speaks TLS with a certificate of its own'],
] as const;

/** Where the API is and what it wants to be shown. */
export function apiAddress(options: OptionValues<typeof API_OPTIONS>, env: NodeJS.ProcessEnv): ApiAddress {
  const file = options['token-file'];
  const token = file === undefined ? env.SIGNALBOX_API_TOKEN || env.CONFIGPROXY_AUTH_TOKEN : readToken(file);
  return { url: apiUrl(options.api, '--api'), token: token || undefined };
}

/** Takes what the daemon is given to listen on as well: all interfaces are reached over this one. */
export function apiUrl(text: string, place: string): string {
  if (text.startsWith('/')) return `http+unix://${encodeURIComponent(text)}`;
  const url = text.includes('://') ? text : `http://${text.replace(/^\*?(?=:)/, '127.0.0.1')}`;
  if (!/^(https?|http\+unix|unix\+http):/.test(url) || !URL.canParse(url)) {
    throw new SignalboxError('BAD_CONFIG', `${place}: ${text} is no URL`);
  }
  return url.replace(/\/$/, '');
}
