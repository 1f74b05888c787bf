// The types of kubernetes-validate.mjs for the tests, which are TypeScript.
export function ensureKubernetesValidate(options?: {
  progress?: (line: string) => void;
}): Promise<{ folder?: string; reason: string }>;
