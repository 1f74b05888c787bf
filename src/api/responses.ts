import { API_ERRORS, type ApiErrorCode } from './errors.ts';

/** The error answers of an endpoint for the OpenAPI document, by status, beside those that any request can get. */
export function errorResponses(...codes: ApiErrorCode[]): Record<string, object> {
  const responses: Record<string, { $ref: string; description: string }> = {};
  for (const code of [...codes, 'INTERNAL' as const]) {
    const { status, meaning } = API_ERRORS[code];
    const before = responses[status];
    const description = `\`${code}\`: ${meaning}`;
    responses[status] = { $ref: 'Error#', description: before ? `${before.description} ${description}` : description };
  }
  return responses;
}

/** Marks an endpoint that needs the token, and shows how to call it. */
export function withToken(curl: string): object {
  return { security: [{ token: [] }, { bearer: [] }], 'x-curl': curl };
}

/** The codes that every endpoint which changes the table can answer with. */
export const CHANGE_ERRORS = [
  'FORBIDDEN',
  'READ_ONLY',
  'NOT_IN_NAMESPACE',
  'NOT_SERVED',
  'STORE_FULL',
  'STORE_FAILED',
  'SHUTTING_DOWN',
] as const;
