import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A part of a page, with its heading and what can be done there. */
export function Panel({
  title,
  actions,
  note,
  children,
  class: kind = '',
}: {
  title: string;
  actions?: ComponentChildren;
  note?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}) {
  const id = useId();
  return (
    <section class={`panel ${kind}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {note && <span class="panel-note">{note}</span>}
        {actions && <span class="panel-actions">{actions}</span>}
      </header>
      {children}
    </section>
  );
}

/** Names and values. */
export function Facts({
  facts,
}: {
  facts: readonly (readonly [name: string, value: ComponentChildren] | false | null | undefined)[];
}) {
  return (
    <dl class="facts">
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
