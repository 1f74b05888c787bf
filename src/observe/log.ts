import { type Logger, pino } from 'pino';
import { LossyLines } from './output.ts';
import { prettyLine } from './pretty.ts';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** `auto` is pretty on a terminal, else JSON. */
  readonly format: 'pretty' | 'json' | 'auto';
}

/** Where log lines go: stdout, and an array in tests. */
export interface LogOutput {
  readonly isTTY?: boolean;
  write(line: string): unknown;
}

/** Fields that may hold a secret, wherever an object that is logged has them at its top or one level down. */
const SECRETS = ['authorization', 'Authorization', 'token', 'authToken', 'password'];

/**
 * The log of the daemon. Lines are written at once, not buffered: the last ones before a crash are the interesting ones.
 */
export function createLog(options: LogOptions, output: LogOutput | undefined = undefined): Logger {
  if (output !== undefined) return logTo(output, options);
  const lines = new LossyLines(process.stdout);
  const log = logTo(lines, options);
  lines.onLost = (lost, reason) => log.warn({ lost, reason }, 'lines of this log were lost; all there were so far');
  return log;
}

function logTo(output: LogOutput, { level, format }: LogOptions): Logger {
  const pretty = format === 'pretty' || (format === 'auto' && output.isTTY === true);
  return pino(
    {
      level,
      // pid and hostname are the same in every line, and a container's log driver adds its own.
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.headers.${name}`]), censor: '[hidden]' },
    },
    pretty ? { write: (line: string) => output.write(prettyLine(line, output.isTTY === true)) } : output,
  );
}
