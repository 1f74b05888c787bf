// The types of chromium.mjs for the tests, which are TypeScript.
export interface TestChromium {
  readonly path: string;
  readonly version: string;
}
export function ensureChromium(options?: { progress?: (line: string) => void; fetch?: boolean }): Promise<{
  readonly chromium?: TestChromium;
  readonly reason: string;
}>;
