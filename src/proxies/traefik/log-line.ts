import type { ErrorLine } from '../../process/error-log.ts';

/**
 * Reads a line of Traefik's own log, `log.format: json`. Only there does Traefik say what it can't use: a file that it can't
 * read leaves the old configuration in place, and a router that it can't build is left out of the new one.
 */
export function parseLogLine(line: string): ErrorLine {
  const fields = parse(line);
  // Written before there was a log, or by Go's runtime when it crashed.
  if (!fields) return { level: 'error', message: line, isRefusal: false, isSevere: true };
  const { level = 'error', message, error, routerName, providerName } = fields;
  const who = routerName === undefined ? undefined : `router ${routerName}`;
  const about = [who, message, error].filter((part) => part !== undefined && part !== '').join(': ');
  const isComplaint =
    routerName !== undefined ||
    providerName === 'file' ||
    message === 'Command error' ||
    message?.startsWith('Cannot start the provider *file.') === true ||
    /certificate|TLS configuration/i.test(message ?? '');
  const isRefusal = isComplaint && level !== 'warn';
  return { level, message: about, isRefusal, isSevere: isRefusal || /fatal|panic/.test(level) };
}

type Fields = Partial<Record<'level' | 'message' | 'error' | 'routerName' | 'providerName', string>>;

function parse(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}
