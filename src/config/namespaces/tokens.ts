import type { Problem } from '../problem.ts';
import type { ReadFile } from '../read-file.ts';
import { type FoundToken, hashToken, readTokenFile } from '../token.ts';
import type { NamespaceSetting } from './setting.ts';

export interface NamespaceTokens {
  /** By the names of their namespaces; hashed, as they only have to be recognized. */
  readonly tokens: ReadonlyMap<string, Buffer>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Reads the token of each namespace. All must differ, also from those for the whole table: a token says whose request it is. */
export function findNamespaceTokens(
  namespaces: readonly NamespaceSetting[],
  others: { readonly token: FoundToken; readonly readToken: FoundToken },
  readFile: ReadFile,
): NamespaceTokens {
  const tokens = new Map<string, Buffer>();
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const owners = new Map<string, string>();
  const own = (token: string | undefined, owner: string) => token && owners.set(nameOf(hashToken(token)), owner);
  own(others.token.token, 'the one for the whole table');
  own(others.readToken.token, 'the one that only reads');
  for (const { name, tokenFile } of namespaces) {
    const key = `namespaces.${name}.token-file`;
    const found = readTokenFile(tokenFile, readFile, key);
    problems.push(...found.problems.map((problem) => ({ ...problem, key })));
    warnings.push(...found.warnings);
    if (found.token === undefined) continue;
    const token = hashToken(found.token);
    const owner = owners.get(nameOf(token));
    if (owner !== undefined) problems.push({ place: tokenFile.place, key, message: `the token is ${owner}, too` });
    owners.set(nameOf(token), `that of ${name}`);
    tokens.set(name, token);
  }
  return { tokens, problems, warnings };
}

function nameOf(token: Buffer): string {
  return token.toString('hex');
}
