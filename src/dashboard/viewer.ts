/** Someone who has signed in, and what they may do just now. */
export interface Viewer {
  readonly name: string;
  readonly mayOperate: boolean;
  /** Their own token for the Hub's API and its scopes; only where people sign in at the Hub. */
  readonly hub?: { readonly token: string; readonly scopes: readonly string[] };
}
