/**
 * A request target as Traefik passes it on. It means the same by RFC 3986 6.2.2: percent-encodings in capitals, those of
 * unreserved characters undone, dot segments resolved, slashes in front made one. A path with a character that no URL may
 * have is written anew by Go (net/url's EscapedPath).
 */
export function asTraefikWrites(target: string): string {
  const at = target.indexOf('?');
  const path = at < 0 ? target : target.slice(0, at);
  const query = at < 0 ? '' : target.slice(at);
  return writePath(path) + query.replaceAll(';', '%3B');
}

/** What Go takes as it is: net/url's validEncoded. */
const VALID = /^(?:[\w\-.~!$&'()*+,;=:@[\]/]|%[0-9A-F]{2})*$/;

function writePath(path: string): string {
  const normal = path.replace(/%[0-9a-f]{2}/gi, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return /[\w\-.~]/.test(character) ? character : code.toUpperCase();
  });
  const valid = VALID.test(normal) ? normal : rewritten(normal);
  return withoutDots(valid);
}

/** Decoded and encoded again. */
function rewritten(path: string): string {
  const bytes = Buffer.from(
    path.replace(/%[0-9A-F]{2}/g, (code) => decodeByte(code)),
    'latin1',
  );
  return [...bytes].map((byte) => encodeByte(byte)).join('');
}

const decodeByte = (code: string) => String.fromCharCode(Number.parseInt(code.slice(1), 16));

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[\w\-.~$&+,/:;=@]/.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function withoutDots(path: string): string {
  const merged = path.replace(/^(?:\/|%2F){2,}/, '/');
  if (!/\/\.{1,2}(?:\/|$)/.test(merged)) return merged;
  const out: string[] = [];
  const segments = merged.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    if (segment === '..') out.pop();
    else if (segment !== '.') out.push(segment);
    if (segment.startsWith('.') && segment.length <= 2 && index === segments.length - 1) out.push('');
  }
  return `/${out.join('/')}`;
}
