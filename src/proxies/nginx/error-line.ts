import type { ErrorLine } from '../../process/error-log.ts';

/** `2026/11/22 11:23:37 [notice] 3443#3443: *12 text`; the number is that of a client's connection. */
const LINE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(\w+)\] \d+#\d+: (\*\d+ )?(.*)$/;
/** What nginx says before it has a log: `nginx: [emerg] text`. */
const EARLY_LINE = /^nginx: \[(\w+)\] (\*\d+ )?(.*)$/;

/** What a worker says whose user may not open a log anew just then, as when a reload and a signal to open logs meet. */
const REOPENING = /^open\(\) "(.*)" failed \(13: /;

/**
 * Reads a line of nginx's error log. A refusal is `emerg` alone: workers that end after a good reload may say `alert` and `crit`.
 * A line of neither form comes from something else, such as the dynamic loader. `ownLogs`: whether
 * those can be opened says nothing about routes and templates.
 */
export function parseErrorLine(line: string, ownLogs: readonly string[] = []): ErrorLine {
  const [, level, client, message = line] = LINE.exec(line) ?? EARLY_LINE.exec(line) ?? [];
  const isHigh = level === undefined || /emerg|alert|crit/.test(level);
  // nginx logs it as critical when a client sends something that is no TLS.
  const isSevere = isHigh && !message.includes('while SSL handshaking');
  const isAboutLog = ownLogs.includes(REOPENING.exec(message)?.[1] ?? '');
  const isRefusal = level === 'emerg' && client === undefined && !isAboutLog;
  return { level: level ?? 'error', message, isSevere, isRefusal };
}
