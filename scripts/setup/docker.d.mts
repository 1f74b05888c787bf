// The types of docker.mjs for the tests, which are TypeScript.
export interface Docker {
  readonly engine?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly noCompose?: string;
  readonly missing?: Readonly<Record<string, string>>;
  readonly reason: string;
}
export function ensureDocker(options?: {
  progress?: (line: string) => void;
  fetch?: boolean;
  patient?: boolean;
}): Promise<Docker>;
