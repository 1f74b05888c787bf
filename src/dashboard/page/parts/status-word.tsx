import type { ComponentChildren } from 'preact';

type Level = 'ok' | 'info' | 'warning' | 'error';

const SHAPES: Record<Level, string> = { ok: '●', info: '○', warning: '▲', error: '■' };

/** A state: shape, colour and a word, so that none of them is needed. */
export function StatusWord({ level, children }: { level: Level; children: ComponentChildren }) {
  return (
    <span class={`status is-${level}`}>
      <Shape level={level} />
      {children}
    </span>
  );
}

export function Shape({ level }: { level: Level }) {
  return (
    <span class={`shape is-${level}`} aria-hidden="true">
      {SHAPES[level]}
    </span>
  );
}

/** The status of an answer. */
export function HttpStatus({ status }: { status: number }) {
  const level = status >= 500 ? 'error' : status >= 400 ? 'warning' : 'ok';
  return <StatusWord level={level}>{status}</StatusWord>;
}
