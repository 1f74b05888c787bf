/**
 * What tests start is released when their file ends, newest first, whether they passed or not. No import of vitest here,
 * so that benchmarks can use the same support files under plain Node.js; they call `releaseAll` themselves.
 */
type Release = () => unknown;

const pending: Release[] = [];

/** Remembers what undoes something; gives back a function that does it early, once. */
export function onCleanup(release: Release): () => Promise<void> {
  pending.push(release);
  return async () => {
    const index = pending.indexOf(release);
    if (index === -1) return;
    pending.splice(index, 1);
    await release();
  };
}

/** Undoes everything that is left. One failure doesn't keep the rest from being undone. */
export async function releaseAll(): Promise<void> {
  const errors: unknown[] = [];
  for (let release = pending.pop(); release; release = pending.pop()) {
    try {
      await release();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'cleanup failed');
}
