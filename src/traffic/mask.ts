import { maskTarget } from '../routes/mask.ts';
import type { Route } from '../routes/route.ts';

/** So much of a route's data is shown, bytes of UTF-8: it may be hundreds of megabytes. */
const MOST_BYTES = 4_096;

/** The beginning of a route's data with the target masked, and whether there is more. */
export function maskData({ target, data }: Route): { data: string; dataIsCut: boolean } {
  // As it stands in the text, which was written by JSON.stringify as well.
  const written = JSON.stringify(target);
  const masked = JSON.stringify(maskTarget(target));
  let shown = '';
  let at = 0;
  while (at < Math.min(MOST_BYTES, data.length)) {
    // One that goes on behind the end is masked whole.
    const found = data.slice(at, MOST_BYTES + written.length).indexOf(written);
    const plain = data.slice(at, found < 0 ? MOST_BYTES : Math.min(at + found, MOST_BYTES));
    at += plain.length;
    shown += plain;
    if (at >= MOST_BYTES || found < 0) continue;
    shown += masked;
    at += written.length;
  }
  const { read } = new TextEncoder().encodeInto(shown, new Uint8Array(MOST_BYTES));
  // The half of a character that was cut in two.
  return {
    data: shown.slice(0, read).replace(/[\uD800-\uDBFF]$/, ''),
    dataIsCut: read < shown.length || at < data.length,
  };
}
