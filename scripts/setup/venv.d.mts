// The types of venv.mjs for what is TypeScript.
export interface Venv {
  readonly bin?: string;
  readonly reason: string;
}
export function ensureVenv(
  wanted: {
    readonly name: string;
    readonly what: string;
    readonly requirements: readonly string[];
    readonly modules: readonly string[];
  },
  options?: { progress?: (line: string) => void; fetch?: boolean },
): Promise<Venv>;
