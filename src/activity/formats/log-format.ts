import { type FindRoute, type Hit, type ParseLine, UNROUTED } from '../hit.ts';
import { parseLogTime, TIME_VARIABLES } from './log-time.ts';
import { unescapeLog } from './unescape.ts';
import { firstByteOf } from './upstream-times.ts';

/** nginx's predefined format, "combined" in the documentation of ngx_http_log_module. */
export const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

/** What nginx says when a backend gives none. */
const NO_ANSWER = [502, 504];
const PATHS = ['request_uri', 'uri', 'request'];

/** What a format string consists of: the text before each variable, and after the last one. */
interface Layout {
  readonly names: readonly string[];
  /** One more than names. */
  readonly texts: readonly string[];
  /** Of the path in names. */
  readonly path: number;
}

/**
 * Makes a parser for a log that someone else's nginx writes, out of the string given to its `log_format`. Throws an Error that
 * says which variable is missing: a time ($msec, $time_iso8601 or $time_local), $status, and the path ($request,
 * $request_uri or $uri).
 */
export function parserOfLogFormat(format: string, findRoute: FindRoute): ParseLine {
  const { names, texts } = readFormat(format);
  const optional = (...wanted: string[]) => wanted.map((name) => names.indexOf(name)).find((index) => index >= 0);
  const needed = (wanted: string[]) => {
    const index = optional(...wanted);
    if (index !== undefined) return index;
    throw new Error(`the log format has none of ${wanted.map((name) => `$${name}`).join(', ')}`);
  };
  const [time, status, path] = [needed(TIME_VARIABLES), needed(['status']), needed(PATHS)];
  const bytes = optional('bytes_sent', 'body_bytes_sent');
  const seconds = optional('request_time');
  const host = optional('http_host', 'host');
  const completion = optional('request_completion');
  const length = optional('content_length', 'http_content_length');
  const heads = optional('upstream_header_time');
  const answers = optional('upstream_response_time');
  const layout = { names, texts, path };
  checkParted(layout, [time, status, path, bytes, seconds, host, completion, length]);
  const [timeName, pathName] = [names[time] as string, names[path] as string];

  return (buffer, from, to) => {
    const values = split(buffer.toString('utf8', from, to), layout);
    if (!values) return undefined;
    const value = (index: number | undefined) => (index === undefined ? undefined : (values[index] as string));
    const when = parseLogTime(timeName, values[time] as string);
    const code = Number(values[status]);
    const requested = pathOf(pathName, values[path] as string);
    if (when === undefined || !(code >= 100 && code <= 999)) return undefined;
    const key = requested === undefined ? undefined : findRoute(requested, value(host));
    if (key === undefined) return UNROUTED;
    const took = value(seconds);
    return {
      time: when,
      key,
      status: code,
      complete: completion === undefined || values[completion] === 'OK',
      sentData: length !== undefined && Number(values[length]) > 0,
      duration: took === undefined ? undefined : Number(took) * 1000 || 0,
      bytes: Number(value(bytes)) || 0,
      backendBytes: undefined,
      ...answerOf(value(heads), value(answers), code),
    };
  };
}

/** What a log tells of the backend's answer; without the second list nothing where several addresses were tried. */
function answerOf(heads = '', answers = '', status: number): Pick<Hit, 'firstByte' | 'answered'> {
  const firstByte = firstByteOf(heads, answers);
  if (firstByte === undefined) {
    // The same is written where nobody was asked, and the proxy has errors of its own for that.
    return { firstByte, answered: NO_ANSWER.includes(status) ? false : undefined };
  }
  return Number.isNaN(firstByte) ? { firstByte: undefined, answered: undefined } : { firstByte, answered: true };
}

function readFormat(format: string): Pick<Layout, 'names' | 'texts'> {
  const names: string[] = [];
  const texts = [''];
  for (const [part, braced, plain] of format.matchAll(/\$\{(\w+)\}|\$(\w+)|[^$]+|\$/g)) {
    const name = braced ?? plain;
    if (name === undefined) texts[texts.length - 1] += part;
    else {
      names.push(name);
      texts.push('');
    }
  }
  return { names, texts };
}

/**
 * Cuts a line at the texts of the format, from left to right. A regular expression with that many groups could take hours on a
 * crafted line.
 */
function split(line: string, { names, texts, path }: Layout): string[] | undefined {
  let at = (texts[0] as string).length;
  if (!line.startsWith(texts[0] as string)) return undefined;
  const values: string[] = [];
  for (let index = 1; index <= names.length; index++) {
    const text = texts[index] as string;
    const isLast = index === names.length;
    const end = isLast ? line.length - text.length : line.indexOf(text || (index === path ? '/' : ''), at);
    if (end < at || (isLast && !line.endsWith(text))) return undefined;
    values.push(line.slice(at, end));
    at = end + text.length;
  }
  return values;
}

/** Between two adjacent variables only the start of a path can be found, by its slash. */
function checkParted({ names, texts, path }: Layout, used: readonly (number | undefined)[]): void {
  for (let index = 1; index < names.length; index++) {
    if (texts[index] !== '' || (index === path && names[path] !== 'request')) continue;
    if (used.includes(index - 1) || used.includes(index)) {
      throw new Error(`nothing parts $${names[index - 1]} from $${names[index]} in the log format`);
    }
  }
}

/** The path of a variable as it would be in a request line. */
function pathOf(name: string, value: string): string | undefined {
  const text = unescapeLog(value);
  // nginx has decoded it; findRoute decodes too, so it is encoded again.
  if (name === 'uri') {
    const encoded = encodeURI(text.toWellFormed()).replace(/[?#]/g, encodeURIComponent);
    return text.startsWith('/') ? encoded : undefined;
  }
  const target = name === 'request' ? /^\S+ (.+?)(?: HTTP\/[\d.]+)?$/s.exec(text)?.[1] : text;
  return target?.startsWith('/') ? target : undefined;
}
