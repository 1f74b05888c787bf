import type { ErrorLine } from '../../process/error-log.ts';

/** `2026/11/22 11:23:37 [notice] 3443#3443: *12 text`; the number is that of a client's connection. */
const LINE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(\w+)\] \d+#\d+: (\*\d+ )?(.*)$/;

/** Reads a line of nginx's error log; what has another form was said before there was a log. */
export function parseErrorLine(line: string): ErrorLine {
  const match = LINE.exec(line);
  const level = match?.[1] ?? 'error';
  const message = match?.[3] ?? line;
  const isHigh = !match || /emerg|alert|crit/.test(level);
  // To nginx it is critical when somebody sends it what is no TLS.
  const isSevere = isHigh && !message.includes('while SSL handshaking');
  return { level, message, isSevere, isRefusal: isHigh && match?.[2] === undefined };
}
