import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { SignalboxError } from '../errors.ts';

/** Finds a program as a shell would; undefined when there is none. */
export function findProgram(name: string): string | undefined {
  const candidates = name.includes('/')
    ? [name]
    : [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
        .filter(isAbsolute)
        .map((dir) => join(dir, name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}

/** The same for a proxy; throws PROXY_MISSING when there is none. */
export function requireProgram(name: string, proxy: string, hint: string): string {
  const path = findProgram(name);
  if (path !== undefined) return path;
  throw new SignalboxError('PROXY_MISSING', `there is no ${proxy}: ${JSON.stringify(name)} was not found`, { hint });
}
