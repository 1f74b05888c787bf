import { Breather } from '../system/breather.ts';

/**
 * The same as JSON.parse, for the text of an object that may be very long: one member after the other, with turns for other work in
 * between. Undefined for a text that is no JSON object, whatever is wrong with it. Of members with one name the last one counts.
 */
export async function parseObject(text: string): Promise<Map<string, unknown> | undefined> {
  const breather = new Breather();
  const members = new Map<string, unknown>();
  try {
    for (const [name, value] of membersOf(text)) {
      members.set(name, value);
      if (breather.isDue) await breather.rest();
    }
  } catch {
    return undefined;
  }
  return members;
}

const [QUOTE, COMMA, COLON] = [0x22, 0x2c, 0x3a];
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const BACKSLASH = 0x5c;
const SPACE = /[ \t\n\r]*/y;

/** Finds where members begin and end; what they are made of is for JSON.parse to judge. */
function* membersOf(text: string): Generator<[string, unknown]> {
  let at = expect(text, 0, OPEN);
  if (text.charCodeAt(skipSpace(text, at)) === CLOSE) {
    expectEnd(text, expect(text, at, CLOSE));
    return;
  }
  for (;;) {
    const begin = skipSpace(text, at);
    if (text.charCodeAt(begin) !== QUOTE) throw new SyntaxError();
    const colon = endOfString(text, begin);
    const value = expect(text, colon, COLON);
    at = endOfValue(text, value);
    yield [JSON.parse(text.slice(begin, colon)), JSON.parse(text.slice(value, at))];
    if (text.charCodeAt(at) !== COMMA) break;
    at++;
  }
  expectEnd(text, expect(text, at, CLOSE));
}

/** Where the comma or the bracket behind a value is. */
function endOfValue(text: string, begin: number): number {
  let depth = 0;
  for (let at = begin; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    if (depth === 0 && (code === COMMA || code === CLOSE)) return at;
    if (code === OPEN || code === OPEN_LIST) depth++;
    else if (code === CLOSE || code === CLOSE_LIST) depth--;
    at++;
  }
  throw new SyntaxError();
}

/** Behind the quote that ends a string: an even number of backslashes stands in front of it. */
function endOfString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end + 1;
  }
  throw new SyntaxError();
}

/** Behind a character that has to come next. */
function expect(text: string, at: number, code: number): number {
  const place = skipSpace(text, at);
  if (text.charCodeAt(place) !== code) throw new SyntaxError();
  return place + 1;
}

function expectEnd(text: string, at: number): void {
  if (skipSpace(text, at) !== text.length) throw new SyntaxError();
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}
