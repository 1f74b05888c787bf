import { errorAnswer } from '../api/errors.ts';
import type { Answer } from '../process/ask.ts';
import type { Problem } from './page-api.ts';

/** What the page is answered with when something was thrown. */
export function problemOf(error: unknown): { readonly status: number; readonly body: Problem } {
  if (error instanceof Refusal) return error;
  return errorAnswer(error);
}

/** What the daemon says against a request, to be passed on as it is. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Problem;

  constructor({ status, text }: Answer) {
    const body = parse(text);
    super(body.message);
    this.status = status;
    this.body = body;
  }
}

/** The JSON of a good answer; throws a Refusal. */
export function resultOf<T>(answer: Answer): T {
  if (answer.status < 200 || answer.status > 299) throw new Refusal(answer);
  return (answer.text === '' ? {} : JSON.parse(answer.text)) as T;
}

function parse(text: string): Problem {
  try {
    const { message, code, hint } = JSON.parse(text) as Partial<Problem>;
    if (typeof message === 'string' && typeof code === 'string') return { message, code, hint };
  } catch {}
  return { message: 'the daemon answers something else than was expected', code: 'INTERNAL' };
}
