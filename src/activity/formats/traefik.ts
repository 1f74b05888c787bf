import { type FindRoute, type ParseLine, UNROUTED } from '../hit.ts';
import { answerOf, endOf, number, parseJson } from './traefik-line.ts';

/** Makes a parser for Traefik's JSON log. Lines without a router were answered by Traefik itself, of no route. */
export function traefikFormat(findRoute: FindRoute): ParseLine {
  return (buffer, from, to) => {
    const line = parseJson(buffer.toString('utf8', from, to));
    const { DownstreamStatus: status, RequestPath: path, RequestHost: host } = line ?? {};
    const time = line && endOf(line);
    if (!line || typeof status !== 'number' || typeof path !== 'string' || time === undefined) return undefined;
    const key = path.startsWith('/') ? findRoute(path, typeof host === 'string' ? host : undefined) : undefined;
    if (key === undefined) return UNROUTED;
    return {
      time,
      key,
      status,
      // Traefik does not tell whether the client got all of it.
      complete: true,
      sentData: number(line.RequestContentSize) > 0,
      duration: typeof line.Duration === 'number' ? line.Duration / 1e6 : undefined,
      bytes: number(line.DownstreamContentSize),
      backendBytes: undefined,
      ...answerOf(line),
    };
  };
}
