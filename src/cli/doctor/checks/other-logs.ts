import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parserOf } from '../../../activity/formats/choose.ts';
import { describeError } from '../../../errors.ts';
import { type Finding, fail, ok, skipped, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** As much of its end as holds some lines. */
const TAIL_BYTES = 16_384;

/** Can the logs of other proxies be read and understood? */
export function otherLogs({ config: { activity, activityLog, activityFormat } }: Scene): Finding {
  if (!activity || activityLog.length === 0) return skipped('there is no activity-log');
  // Which route a line is for doesn't matter here: all are for one.
  const parse = parserOf(activityFormat, () => '/', 0);
  const problems = activityLog.flatMap((path) => {
    try {
      const lines = lastLines(path);
      const understood = lines.filter((line) => parse(line, 0, line.length) !== undefined).length;
      return lines.length > 0 && understood === 0 ? [`${path} is not of the format ${activityFormat}`] : [];
    } catch (error) {
      return [describeError(error)];
    }
  });
  const mend =
    'Name the log and its format as the other proxy writes it (activity-log, activity-format), and let the user that Signalbox runs as read it.';
  if (problems.length > 0) return fail(problems.join('; '), mend);
  const silent = activityLog.filter((path) => lastLines(path).length === 0);
  if (silent.length > 0) return warn(`${silent.join(', ')} is empty`, 'Does the other proxy write there?');
  return ok(`${activityLog.length} can be read and understood`);
}

function lastLines(path: string): Buffer[] {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - start);
    readSync(fd, buffer, 0, buffer.length, start);
    const lines = buffer.toString('latin1').split('\n');
    // The first may be half a line, behind the last line break there is none yet.
    return lines.slice(start > 0 ? 1 : 0, -1).map((line) => Buffer.from(line, 'latin1'));
  } finally {
    closeSync(fd);
  }
}
