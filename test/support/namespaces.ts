import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, rawRequest } from './raw-http.ts';
import type { Signalbox } from './signalbox.ts';
import { makeTempDir } from './tmp.ts';

/** Namespaces of a real Signalbox. */
export interface TestNamespaces {
  /** The flags that give it these. */
  readonly flags: readonly string[];
  tokenOf(name: string): string;
  tokenFileOf(name: string): string;
}

/** A file of settings with these namespaces (`{ physics: 'host: physics.test' }`), and their files of tokens. */
export function writeNamespaces(mounts: Readonly<Record<string, string>>): TestNamespaces {
  const folder = makeTempDir('signalbox-namespaces-');
  const tokenOf = (name: string) => `the-token-of-${name}`;
  const tokenFileOf = (name: string) => join(folder, name);
  const lines = Object.entries(mounts).map(([name, mount]) => {
    writeFileSync(tokenFileOf(name), `${tokenOf(name)}\n`, { mode: 0o600 });
    return `  ${name}: { token-file: ${tokenFileOf(name)}, ${mount} }`;
  });
  const file = join(folder, 'signalbox.yaml');
  writeFileSync(file, `namespaces:\n${lines.join('\n')}\n`);
  return { flags: ['--config', file], tokenOf, tokenFileOf };
}

/** The API as whoever has a token sees it. */
export function withToken({ apiPort }: Signalbox, token: string) {
  return (method: string, path: string, body?: unknown): Promise<Answer> =>
    rawRequest({
      port: apiPort,
      method,
      target: path,
      headers: [['Authorization', `token ${token}`]],
      timeout: 60_000,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}
