import type { ErrorLine } from '../error-log.ts';

/** `2026/11/22 11:23:37 [notice] 3443#3443: *12 text` */
const LINE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(\w+)\] \d+#\d+: (?:\*\d+ )?(.*)$/;

/** Reads a line of nginx's error log; what has another form was said before there was a log. */
export function parseErrorLine(line: string): ErrorLine {
  const match = LINE.exec(line);
  const level = match?.[1] ?? 'error';
  return { level, message: match?.[2] ?? line, isRefusal: !match || /emerg|alert|crit/.test(level) };
}
