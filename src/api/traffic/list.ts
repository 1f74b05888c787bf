import { numberOf } from '../query.ts';

/** Rows of an answer. */
const MOST_ROWS = 500;
const USUAL_ROWS = 100;

/** Parameters of every list, for the OpenAPI document. */
export const LIST_PARAMS = {
  desc: { type: 'string', enum: ['0', '1', 'false', 'true'], description: '`1`: the largest first.' },
  limit: { type: 'integer', description: `How many rows, ${MOST_ROWS} at most; ${USUAL_ROWS} unless given.` },
  offset: { type: 'integer', description: 'How many rows to leave out before the first one.' },
};

/** For the OpenAPI document: a parameter that takes one of some words, the first of which is the default. */
export function choiceParam(choices: readonly string[], description: string): object {
  return {
    type: 'string',
    enum: choices,
    description: `${description}: ${choices.map((one) => `\`${one}\``).join(', ')}.`,
  };
}

/** Which rows are asked for. */
export function partOf(query: URLSearchParams): { offset: number; limit: number } {
  return {
    offset: numberOf(query, 'offset', 0) ?? 0,
    limit: numberOf(query, 'limit', 1, MOST_ROWS) ?? USUAL_ROWS,
  };
}
