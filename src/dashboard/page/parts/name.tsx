import { visible } from '../format.ts';

/** A text that someone else has chosen: it can't turn around what stands beside it, and hides nothing. */
export function Name({ text, isCode = false }: { text: string; isCode?: boolean }) {
  const shown = visible(text);
  return (
    <bdi class={isCode ? 'name code' : 'name'} title={shown}>
      {shown}
    </bdi>
  );
}
