const COLOURS: Record<string, number> = { debug: 90, info: 32, warn: 33, error: 31, fatal: 35 };

/** A JSON line of the log as a person reads it: `11:40:02.123 INFO  routes served generation=7`. */
export function prettyLine(line: string, colour: boolean): string {
  const { level = '', time = '', msg = '', err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`);
  const head = `${clock(String(time))} ${paint(String(level), colour)} ${visible(String(msg))}`;
  return `${[head, ...rest].join(' ')}\n${stackOf(err)}`;
}

function clock(time: string): string {
  return time.slice(11, 23);
}

function paint(level: string, colour: boolean): string {
  const word = level.toUpperCase().padEnd(5);
  return colour ? `\u001b[${COLOURS[level] ?? 0}m${word}\u001b[0m` : word;
}

function shown(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@%+-]+$/.test(value) ? value : visible(JSON.stringify(value));
}

/** User names end up in messages: what they contain must not move the cursor or forge a line. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to escape
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function stackOf(err: unknown): string {
  const { stack, message } = (err ?? {}) as { stack?: unknown; message?: unknown };
  const text = stack ?? message;
  if (typeof text !== 'string') return '';
  return text
    .split('\n')
    .map((line) => `    ${visible(line)}\n`)
    .join('');
}
