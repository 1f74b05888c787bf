import type { Hit, ParseLine } from '../hit.ts';

/** nginx's predefined format, "combined" in the documentation of ngx_http_log_module. */
export const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

/** Finds the route of a request: the path as it was sent, and the Host header where the log tells it. */
export type FindRoute = (path: string, host: string | undefined) => string | undefined;

const TIMES = ['msec', 'time_iso8601', 'time_local'];
const PATHS = ['request_uri', 'uri', 'request'];

/**
 * Makes a parser for a log that someone else's nginx writes, out of the string given to its `log_format`. Throws an Error that
 * says which variable is missing: a time ($msec, $time_iso8601 or $time_local), $status, and the path ($request,
 * $request_uri or $uri).
 */
export function parserOfLogFormat(format: string, findRoute: FindRoute): ParseLine {
  const names: string[] = [];
  const pattern = format.replace(/\$\{?(\w+)\}?|[^$]+|\$/g, (part, name: string | undefined) => {
    if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    names.push(name);
    return '(.*?)';
  });
  const needs = (wanted: string[]) => {
    const found = wanted.find((name) => names.includes(name));
    if (found === undefined)
      throw new Error(`the log format has none of ${wanted.map((name) => `$${name}`).join(', ')}`);
    return names.indexOf(found) + 1;
  };
  const [time, status, path] = [needs(TIMES), needs(['status']), needs(PATHS)];
  const field = (name: string) => names.indexOf(name) + 1 || undefined;
  const [bytes, duration, host, completion, length] = [
    field('bytes_sent') ?? field('body_bytes_sent'),
    field('request_time'),
    field('host') ?? field('http_host'),
    field('request_completion'),
    field('content_length') ?? field('http_content_length'),
  ];
  const expression = new RegExp(`^${pattern}$`, 's');

  return (line): Hit | undefined => {
    const match = expression.exec(line.toString('utf8'));
    if (!match) return undefined;
    const when = parseTime(names[time - 1] as string, match[time] as string);
    const requested = match[path] as string;
    const target = names[path - 1] === 'request' ? requested.split(' ')[1] : requested;
    if (when === undefined || target === undefined) return undefined;
    const key = findRoute(target, host === undefined ? undefined : match[host]);
    if (key === undefined) return undefined;
    return {
      time: when,
      key,
      status: Number(match[status]),
      complete: completion === undefined || match[completion] === 'OK',
      sentData: length !== undefined && Number(match[length]) > 0,
      duration: duration === undefined ? undefined : Number(match[duration]) * 1000,
      bytes: bytes === undefined ? 0 : Number(match[bytes]) || 0,
    };
  };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function parseTime(name: string, text: string): number | undefined {
  if (name === 'msec') return finite(Number(text) * 1000);
  if (name === 'time_iso8601') return finite(Date.parse(text));
  // 22/Nov/2026:11:23:37 +0000
  const parts = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/.exec(text);
  if (!parts) return undefined;
  const month = String(MONTHS.indexOf(parts[2] as string) + 1).padStart(2, '0');
  return finite(Date.parse(`${parts[3]}-${month}-${parts[1]}T${parts[4]}${parts[5]}:${parts[6]}`));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? Math.round(value) : undefined;
}
