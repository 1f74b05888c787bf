import type { Config } from '../../config/schema.ts';
import { type Answer, ask } from '../../process/ask.ts';
import { localUrl } from './scene.ts';

const TIMEOUT_MS = 3_000;

/** A request to the public side, as a user's; undefined when there is no answer, or nobody knows where it is. */
export async function askPublic(config: Config, path = '/'): Promise<Answer | undefined> {
  const url = publicUrl(config);
  if (url === undefined) return undefined;
  try {
    // HEAD: enough for the head and the log, and no page is fetched.
    return await ask(url, path, {
      method: 'HEAD',
      headers: { 'user-agent': 'signalbox-doctor' },
      timeoutMs: TIMEOUT_MS,
      // Whose certificate it is doesn't matter for what is looked at here.
      tls: { rejectUnauthorized: false },
    });
  } catch {
    return undefined;
  }
}

/** Where users come in, as it is reached from here. */
export function publicUrl({ driver, managed, traefikUrl, publicSocket, public: listen, sslCert }: Config) {
  if (driver === 'traefik' && !managed) return traefikUrl?.replace(/\/$/, '');
  if (publicSocket !== undefined) return `http+unix://${encodeURIComponent(publicSocket)}`;
  return listen.port === 0 ? undefined : localUrl(listen, sslCert !== undefined);
}
