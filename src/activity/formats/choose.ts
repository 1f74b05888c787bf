import type { FindRoute, ParseLine } from '../hit.ts';
import { COMBINED, parserOfLogFormat } from './log-format.ts';
import { signalboxFormat } from './signalbox.ts';
import { traefikFormat } from './traefik.ts';

/** The parser of `--activity-format`: a name, or a string as nginx's `log_format` takes it. Throws an Error for a useless one. */
export function parserOf(format: string, findRoute: FindRoute, addedBytes: number): ParseLine {
  if (format === 'signalbox') return signalboxFormat(addedBytes);
  if (format === 'traefik') return traefikFormat(findRoute);
  return parserOfLogFormat(format === 'combined' ? COMBINED : format, findRoute);
}
