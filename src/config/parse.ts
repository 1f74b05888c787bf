import { resolve } from 'node:path';
import { parseAddress } from '../system/address.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { HEADER_WANT, parseHeaders } from './headers.ts';
import type { Parsed } from './parsed.ts';
import type { KindValue, Setting, TextKind } from './setting.ts';
import { formatSize, parseSize } from './size.ts';
import { checkUrl } from './url.ts';

type Parser<T> = (text: string, setting: Setting, cwd: string) => Parsed<T>;

/** Characters that could end a string in nginx's configuration, or start a variable, a block or a comment there. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const NGINX_SPECIAL = /[\u0000-\u001f\u007f$"'\\;{}#*?[]/;

/** sockaddr_un.sun_path less its NUL: unix(7); the BSDs have 104. */
export const SOCKET_PATH_MAX = process.platform === 'linux' ? 107 : 103;

const parsers: { [K in TextKind]: Parser<KindValue[K]> } = {
  address(text) {
    const value = parseAddress(text);
    if (value !== undefined) return { ok: true, value };
    const v6 = text.split(':').length > 2 ? ', or with an IPv6 address in brackets, [::1]:8000' : '';
    return wrong(`HOST:PORT such as 127.0.0.1:8000${v6}`);
  },

  url: checkUrl,

  path(text, setting, cwd) {
    if (text.trim() === '') return wrong('a path');
    if (text.includes('\0')) return wrong('a path without NUL characters');
    if (/^~/.test(text)) return wrong('a path without ~, which only a shell replaces by the home folder');
    const value = setting.command === true && !text.includes('/') ? text : resolve(cwd, text);
    if (setting.inNginxConfig === true && NGINX_SPECIAL.test(value)) {
      return wrong(
        `a path that can stand in nginx's configuration, without control characters and $ " ' \\ ; { } # * ? [` +
          (value === text ? '' : ` (it stands for ${JSON.stringify(value)})`),
      );
    }
    if (setting.socket === true && Buffer.byteLength(value) > SOCKET_PATH_MAX) {
      return wrong(`the path of a socket, at most ${SOCKET_PATH_MAX} bytes long (it has ${Buffer.byteLength(value)})`);
    }
    return { ok: true, value };
  },

  duration(text, setting) {
    const value = parseDuration(text);
    if (value === undefined) return wrong('a number with a unit (ms, s, m or h) such as 500ms, 10s, 2m or 1h');
    return within(value, setting, formatDuration);
  },

  size(text, setting) {
    const value = parseSize(text);
    if (value === undefined) return wrong('a number with a unit (KB, MB or GB) such as 500KB or 64MB');
    return within(value, setting, formatSize);
  },

  integer(text, setting) {
    return within(/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN, setting, String);
  },

  boolean(text) {
    return text === 'true' || text === 'false' ? { ok: true, value: text === 'true' } : wrong('true or false');
  },

  enum(text, { choices = [] }) {
    if (choices.includes(text)) return { ok: true, value: text };
    return wrong(choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(', ')}`);
  },

  string(text, { pattern = /\S/, want = 'some text' }) {
    return pattern.test(text) ? { ok: true, value: text } : wrong(want);
  },

  headers(text) {
    const value = parseHeaders(text);
    return value === undefined ? wrong(HEADER_WANT) : { ok: true, value };
  },

  paths(text, setting, cwd) {
    if (text.includes('\0')) return wrong('paths');
    const values = new Set<string>();
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      const parsed = parsers.path(line, setting, cwd);
      if (!parsed.ok) return parsed;
      values.add(parsed.value);
    }
    return { ok: true, value: [...values] };
  },
};

/** Reads the text of a flag, a variable or a YAML value as what the setting wants; relative paths count from `cwd`. */
export function parseValue(text: string, setting: Setting, cwd: string): Parsed<unknown> {
  // What is a mapping, as it should be, does not come here.
  if (setting.kind === 'namespaces') return wrong('a name in each line below, each with a mapping');
  return parsers[setting.kind](text, setting, cwd);
}

function wrong(want: string): { ok: false; want: string } {
  return { ok: false, want };
}

/** The schema gives every number both bounds, so that a typing error in one can't slip through. */
function within(value: number, setting: Setting, show: (value: number) => string): Parsed<number> {
  const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = setting;
  if (value >= minimum && value <= maximum) return { ok: true, value };
  return wrong(
    `${setting.kind === 'integer' ? 'a whole number' : `a ${setting.kind}`} from ${show(minimum)} to ${show(maximum)}`,
  );
}
