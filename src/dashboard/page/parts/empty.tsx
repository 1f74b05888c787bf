import type { ComponentChildren } from 'preact';
import { Failure } from '../api.ts';

/** What went wrong, for people. */
export function FailureText({ error }: { error: unknown }) {
  const hint = error instanceof Failure ? error.hint : undefined;
  return (
    <>
      {error instanceof Error ? error.message : String(error)}
      {hint && <span class="hint"> {hint}</span>}
    </>
  );
}

/** Where a list or a chart would be: why there is none. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

/** Stands in for what was asked for, until it is there or it is known why not. */
export function Waiting({ error }: { error: unknown }) {
  if (error === undefined) return <p class="waiting">Loading…</p>;
  return (
    <div class="empty" role="alert">
      <p class="empty-title">There is nothing to show</p>
      <p>
        <FailureText error={error} />
      </p>
    </div>
  );
}
