import { plural } from '../format.ts';
import { Unknown } from './unknown.tsx';

const HEIGHT = 20;
const MINUTES = 60;

/** Requests of the last hour as small bars, and as a sentence; `minutes` may begin within the hour. */
export function Sparkline({ minutes }: { minutes: readonly number[] | null }) {
  if (!minutes) return <Unknown why="never used, or no room for its history" />;
  const most = Math.max(...minutes, 1);
  const sum = minutes.reduce((total, value) => total + value, 0);
  const text =
    sum === 0 ? 'no requests in the last hour' : `${plural(sum, 'request')} in the last hour, at most ${most} a minute`;
  // What is not none is to be seen.
  const height = (value: number) => (value === 0 ? 0 : Math.max((value / most) * HEIGHT, 1.5));
  const before = MINUTES - minutes.length;
  const bars = minutes.map((value, at) =>
    value === 0 ? '' : `M${(before + at) * 2} ${HEIGHT}v${-height(value).toFixed(1)}h1.5V${HEIGHT}z`,
  );
  return (
    <span class="spark" title={text}>
      <svg viewBox={`0 0 ${MINUTES * 2} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <path class="ground" d={`M0 ${HEIGHT - 0.5}H${MINUTES * 2}`} />
        <path class="bars" d={bars.join('')} />
      </svg>
      <span class="visually-hidden">{text}</span>
    </span>
  );
}
