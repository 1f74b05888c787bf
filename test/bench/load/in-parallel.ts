/** Does the work with so many at once, each taking the next item when it is done, until all is done or the deadline is past. */
export async function inParallel<T>(
  clients: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
  deadline = Number.POSITIVE_INFINITY,
): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next < items.length && performance.now() < deadline) await work(items[next++] as T);
  };
  await Promise.all(Array.from({ length: clients }, client));
}
