import { quote } from '../../config/problem.ts';
import type { Key } from '../../config/schema.ts';

/** The ports of the listeners; those of the API and the public side always have one. */
export interface Ports {
  readonly port: number;
  readonly apiPort: number;
  readonly metricsPort: number | undefined;
  /** Where they listen when no flag says so. */
  readonly defaults: readonly (readonly [Key, string])[];
}

type Report = (place: string, message: string) => void;

/** The port of the API follows that of the public side. */
export function readPorts(values: ReadonlyMap<string, string>, report: Report): Ports {
  const port = readPort(values, '--port', report, 'lenient') ?? 8000;
  const apiPort = readPort(values, '--api-port', report, 'lenient') ?? port + 1;
  if (apiPort > 65_535) report('--port', 'leaves no port for the API: give --api-port');
  const metricsPort = readPort(values, '--metrics-port', report);
  const defaults = [['public', `*:${port}`] as const, ['api', `localhost:${Math.min(apiPort, 65_535)}`] as const];
  return { port, apiPort: Math.min(apiPort, 65_535), metricsPort, defaults };
}

/** As CHP reads a number: digits up to what is none, `0x` for base 16. Lenient: what is no number, and 0, is not given. */
export function readPort(
  values: ReadonlyMap<string, string>,
  flag: string,
  report: Report,
  mode: 'strict' | 'lenient' = 'strict',
): number | undefined {
  const text = values.get(flag);
  if (text === undefined) return undefined;
  // biome-ignore lint/correctness/useParseIntRadix: 0x10 is to be 16
  const port = Number.parseInt(text);
  if (mode === 'lenient' && (Number.isNaN(port) || port === 0)) return undefined;
  if (port >= 1 && port <= 65_535) return port;
  report(flag, `found ${quote(text)}, want a port from 1 to 65535`);
  return undefined;
}
