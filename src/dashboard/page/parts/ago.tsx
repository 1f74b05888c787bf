import { formatAge, formatFull } from '../format.ts';
import { Unknown } from './unknown.tsx';

/** How long ago something was by the daemon's clock, which `now` is from. */
export function Ago({
  time,
  now,
  why = 'not since Signalbox started',
}: {
  time: number | null;
  now: number;
  why?: string;
}) {
  if (time === null) return <Unknown why={why} />;
  return (
    <time dateTime={new Date(time).toISOString()} title={formatFull(time)}>
      {formatAge(time, now)}
    </time>
  );
}
