import type { Parsed } from './parsed.ts';

const WANT = 'an http://, https:// or http+unix:// URL such as http://127.0.0.1:9000';

/**
 * Accepts what can be a target and keeps it as it was written. Only its form is checked here: what the proxy can serve
 * is its driver's to say.
 */
export function checkUrl(text: string): Parsed<string> {
  // a mistyped URL with a password in it must not reach the log either
  const hide = text.includes('@');
  // URL silently drops tabs and newlines, nginx would not
  if (!/^[\u0021-\u007e]+$/.test(text)) return { ok: false, want: `${WANT}, without spaces and such`, hide };
  if (!URL.canParse(text)) return { ok: false, want: WANT, hide };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    return { ok: false, want: 'a URL without user name and password', hide: true };
  }
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      return { ok: true, value: text };
    case 'http+unix:':
    case 'unix+http:':
      if (isSocketPath(url.host)) return { ok: true, value: text };
      return { ok: false, want: "the socket's path percent-encoded, such as http+unix://%2Frun%2Fhub.sock", hide };
    default:
      return { ok: false, want: WANT, hide };
  }
}

function isSocketPath(host: string): boolean {
  try {
    return /^\/[^\0]+$/.test(decodeURIComponent(host));
  } catch {
    return false;
  }
}
