// The types of setup.mjs for the tests, which are TypeScript.
export interface TestNginx {
  readonly label: string;
  readonly version: string;
  readonly path: string;
}
export interface TestNginxes {
  readonly present: readonly TestNginx[];
  readonly missing: readonly { readonly label: string; readonly reason: string }[];
}
export function ensureTestNginxes(options?: {
  progress?: (line: string) => void;
  fetch?: boolean;
}): Promise<TestNginxes>;
export function ensureTraefik(options?: { progress?: (line: string) => void; fetch?: boolean }): Promise<{
  traefik?: { readonly path: string; readonly version: string; readonly from: string };
  reason: string;
}>;
