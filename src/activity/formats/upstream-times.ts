const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;

/** nginx writes an entry for each address that was tried: `0.001, - : 0.003`. Finds the space that ends such a list. */
export function endOfList(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to) {
    if (bytes[at] !== SPACE) at++;
    else if (at > from && bytes[at - 1] === COMMA) at++;
    else if (bytes[at + 1] === COLON) at += 3;
    else break;
  }
  return at;
}

/**
 * Milliseconds from the first try to the head of the last one's answer, by nginx's lists of `$upstream_header_time` and
 * `$upstream_response_time`, which have seconds. Undefined when the last one gave none; NaN when these are no such lists.
 */
export function firstByteOf(heads: string, answers: string): number | undefined {
  const tries = entries(heads);
  const head = tries.at(-1);
  if (head === '-') return undefined;
  const before = entries(answers).slice(0, tries.length - 1);
  return [...before, head].reduce((sum, seconds) => sum + (seconds ? Number(seconds) * 1000 : Number.NaN), 0);
}

function entries(list: string): string[] {
  return list.split(/, | : /);
}
