/** What can't be known, and why. Never a 0. */
export function Unknown({ why }: { why: string }) {
  return (
    <span class="unknown" title={why}>
      <span aria-hidden="true">—</span>
      <span class="visually-hidden">unknown: {why}</span>
    </span>
  );
}

/** A number as it is shown, or that it isn't known. */
export function Known({ value, show, why }: { value: number | null; show: (value: number) => string; why: string }) {
  return value === null ? <Unknown why={why} /> : show(value);
}
