import { useEffect, useRef, useState } from 'preact/hooks';

const PAUSE_MS = 200;

/** Filters a list while one writes. `/` comes here from anywhere, Escape clears it. */
export function Filter({ value, label, change }: { value: string; label: string; change: (value: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // A link has chosen another one.
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const { target } = event;
      const isWriting =
        target instanceof Element && target.closest('input, textarea, select, dialog, [contenteditable]') !== null;
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isWriting) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener('keydown', focus);
    return () => document.removeEventListener('keydown', focus);
  }, []);
  const write = (next: string, pause: number) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => change(next.trim()), pause);
  };
  return (
    <label class="filter">
      <span class="visually-hidden">{label}</span>
      <input
        ref={input}
        type="search"
        value={text}
        placeholder={label}
        maxLength={200}
        spellcheck={false}
        autocomplete="off"
        aria-keyshortcuts="/"
        onInput={(event) => write(event.currentTarget.value, PAUSE_MS)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          if (text === '') event.currentTarget.blur();
          else write('', 0);
        }}
      />
    </label>
  );
}
