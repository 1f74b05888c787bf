// The types of postgres.mjs for the tests, which are TypeScript.
export interface TestPostgres {
  readonly label: string;
  readonly version: string;
  /** The folder of `postgres` and `initdb`. */
  readonly bin: string;
}
export interface TestPostgreses {
  readonly present: readonly TestPostgres[];
  readonly missing: readonly { readonly label: string; readonly reason: string }[];
}
export function ensureTestPostgres(options?: {
  progress?: (line: string) => void;
  fetch?: boolean;
}): Promise<TestPostgreses>;
