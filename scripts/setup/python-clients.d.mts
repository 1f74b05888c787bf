// The types of python-clients.mjs for the tests, which are TypeScript.
import type { Venv } from './venv.mjs';

export function ensurePythonClients(options?: { progress?: (line: string) => void; fetch?: boolean }): Promise<Venv>;
