/** A value, or what would have been one (`HOST:PORT such as …`); `hide` when the text may hold a password. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly want: string; readonly hide?: boolean };
