// The types of jupyterhub.mjs for the tests, which are TypeScript.
export interface JupyterHub {
  readonly bin?: string;
  readonly reason: string;
}
export function ensureJupyterHub(options?: { progress?: (line: string) => void; fetch?: boolean }): Promise<JupyterHub>;
export function ensureNewestJupyterHub(options?: {
  progress?: (line: string) => void;
  fetch?: boolean;
}): Promise<JupyterHub>;
