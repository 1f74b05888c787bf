// The types of judge.mjs for its test, which is TypeScript.
export function judge(
  result: {
    readonly retried: readonly string[];
    readonly skips: readonly { readonly name: string; readonly tests: number; readonly reason?: string }[];
  },
  options?: { isWhole?: boolean; leftOut?: string },
): number;
