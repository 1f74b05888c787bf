import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** A text with the name that the difference shows for it. */
export type Named = readonly [name: string, text: string];

/** Nothing where both are the same. */
export function unifiedDiff([fromName, from]: Named, [toName, to]: Named): string {
  if (from === to) return '';
  return createTwoFilesPatch(fromName, toName, from, to, undefined, undefined, { headerOptions: FILE_HEADERS_ONLY });
}
