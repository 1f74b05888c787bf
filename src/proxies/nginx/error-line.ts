import type { ErrorLine } from '../../process/error-log.ts';

/** `2026/11/22 11:23:37 [notice] 3443#3443: *12 text`; the number is that of a client's connection. */
const LINE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(\w+)\] \d+#\d+: (\*\d+ )?(.*)$/;
/** What nginx says before it has a log: `nginx: [emerg] text`. */
const EARLY_LINE = /^nginx: \[(\w+)\] (\*\d+ )?(.*)$/;

/**
 * Reads a line of nginx's error log. A refusal is `emerg` alone: workers that end after a good reload may say `alert` and `crit`.
 * A line of neither form comes from something else, such as the dynamic loader.
 */
export function parseErrorLine(line: string): ErrorLine {
  const [, level, client, message = line] = LINE.exec(line) ?? EARLY_LINE.exec(line) ?? [];
  const isHigh = level === undefined || /emerg|alert|crit/.test(level);
  // nginx logs it as critical when a client sends something that is no TLS.
  const isSevere = isHigh && !message.includes('while SSL handshaking');
  return { level: level ?? 'error', message, isSevere, isRefusal: level === 'emerg' && client === undefined };
}
