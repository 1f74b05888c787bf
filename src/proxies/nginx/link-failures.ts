import { SignalboxError } from '../../errors.ts';

/** Errors of one path alone. Others (no room, no permission, no descriptors) may be gone at the next try. */
const OF_THE_PATH = ['ENAMETOOLONG', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'ELOOP', 'EINVAL'];

/** Routes whose links could not be made, while all the others were. */
export class LinkFailures {
  readonly #failed = new Map<string, NodeJS.ErrnoException>();

  /** False when it failed. */
  try(key: string, make: () => void): boolean {
    try {
      make();
      return true;
    } catch (error) {
      this.#failed.set(key, error as NodeJS.ErrnoException);
      return false;
    }
  }

  /** Throws when there are any. Names the routes that can never be linked, to be left out; without such, those that have to wait. */
  check(): void {
    const never = [...this.#failed].filter(([, { code = '' }]) => OF_THE_PATH.includes(code));
    const named = never.length > 0 ? never : [...this.#failed];
    const [first] = named;
    if (first === undefined) return;
    const [key, cause] = first;
    const more = named.length > 1 ? ` and of ${named.length - 1} more routes` : '';
    const code = never.length > 0 ? 'ROUTES_REFUSED' : 'ROUTES_NOT_NOW';
    throw new SignalboxError(code, `the link of ${key}${more} cannot be made`, {
      cause,
      keys: named.map(([one]) => one),
    });
  }
}
