import { statSync } from 'node:fs';
import { readFailure, readTextFile } from '../../config/read-file.ts';

export interface FoundPassword {
  readonly password: string | undefined;
  /** Why a password file that is there was not used. */
  readonly problem: string | undefined;
}

/** What an entry of the file is for. */
interface Wanted {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * The password in a file of lines `host:port:database:user:password`, of which the first that fits counts. As for libpq, one that others
 * can read is not used. https://www.postgresql.org/docs/current/libpq-pgpass.html
 */
export function findPassword(path: string, { host, port, database, user }: Wanted): FoundPassword {
  // libpq calls the socket of this machine localhost.
  const wanted = [host.startsWith('/') ? [host, 'localhost'] : [host], [`${port}`], [database], [user]];
  const unused = (why: string) => ({ password: undefined, problem: `the password file ${path} is not used: ${why}` });
  try {
    if (!statSync(path).isFile()) return unused('it is no plain file');
    const { text, mode } = readTextFile(path);
    if (mode & 0o077) return unused('others may read it, make it 0600');
    for (const line of text.split(/\r?\n/)) {
      const fields = fieldsOf(line);
      if (line.startsWith('#') || fields.length !== 5) continue;
      const password = unescaped(fields.pop() ?? '');
      const fits = fields.every((field, index) => field === '*' || wanted[index]?.includes(unescaped(field)));
      if (fits) return { password, problem: undefined };
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return unused(readFailure(error));
  }
  return { password: undefined, problem: undefined };
}

/** A backslash keeps a colon, or another backslash, from being anything else. */
function fieldsOf(line: string): string[] {
  const fields = [''];
  for (const [piece] of line.matchAll(/\\.|[^\\]|\\$/gsu)) {
    // The password is the last one, and may hold colons.
    if (piece === ':' && fields.length < 5) fields.push('');
    else fields[fields.length - 1] += piece;
  }
  return fields;
}

function unescaped(field: string): string {
  return field.replace(/\\(.)/gsu, '$1');
}
