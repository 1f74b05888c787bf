import { formatAddress, isLoopback } from '../../../system/address.ts';
import { type Finding, fail, ok, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Of random characters in hexadecimal: 64 bits. */
const SHORT = 16;

/** Who can reach the API, and what keeps others out? */
export function exposed({ config: { api, apiSocket, apiSslCert, token } }: Scene): Finding {
  if (apiSocket !== undefined) return ok(`the API is the socket ${apiSocket}`);
  const where = formatAddress(api);
  const local = isLoopback(api.host);
  if (token === undefined) {
    const mend = 'Set SIGNALBOX_API_TOKEN or token-file, and the same as CONFIGPROXY_AUTH_TOKEN of the Hub.';
    if (local) return warn(`every user of this machine may change routes: ${where} asks for no token`, mend);
    return fail(`everybody who reaches ${where} may change routes: it asks for no token`, mend);
  }
  if (local) return ok(`the API listens on ${where}, for this machine only`);
  if (isWeak(token)) {
    return fail(
      `the API listens on ${where} with a token that can be guessed`,
      'Take a long random one for Signalbox and the Hub: openssl rand -hex 32',
    );
  }
  if (apiSslCert === undefined) {
    return warn(
      `the API listens on ${where} without TLS: whoever is on the way reads the token`,
      'Use a loopback address or api-socket where the Hub is on this machine, else api-ssl-cert and api-ssl-key. In a pod or on a private network it may be meant so.',
    );
  }
  return ok(`the API listens on ${where} with TLS and a token`);
}

function isWeak(token: string): boolean {
  return token.length < SHORT || new Set(token).size < 6;
}
