import { visibleLines } from '../format.ts';

/** What a program or a Hub has said: it may be long, and of many lines. */
export const Said = ({ text }: { text: string }) => (
  <span class="said">
    <bdi>{visibleLines(text)}</bdi>
  </span>
);
