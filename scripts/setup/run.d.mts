// The types of run.mjs for what is TypeScript.
export const root: string;
export const tools: string;
export function run(
  command: string,
  args: readonly string[],
  options?: { cwd?: string; env?: NodeJS.ProcessEnv; timeout?: number },
): Promise<{ ok: boolean; output: string }>;
export function which(name: string): string | undefined;
