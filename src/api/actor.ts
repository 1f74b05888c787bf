import type { FastifyRequest } from 'fastify';

/** Who is behind a request, as its sender says. */
const ACTOR_HEADER = 'signalbox-actor';
const MOST_BYTES = 200;

/** For the OpenAPI document. */
export const ACTOR_PARAMS = {
  type: 'object',
  properties: {
    'Signalbox-Actor': {
      type: 'string',
      description:
        'Who is behind the request, for the log and for events: `ada via dashboard`. Up to 200 bytes of UTF-8',
    },
  },
};

/** Who has asked for a change. Only whoever may change everything is believed; undefined when nobody says. */
export function actorOf({ view, headers }: Pick<FastifyRequest, 'view' | 'headers'>): string | undefined {
  if (view.namespace !== undefined) return `namespace ${view.namespace}`;
  const given = headers[ACTOR_HEADER];
  return typeof given === 'string' ? cleaned(given) : undefined;
}

/** In a log and on a page a name must not look like other words than it has. */
function cleaned(header: string): string | undefined {
  // Node decodes headers as Latin-1: this gives the bytes back that the client sent.
  const text = Buffer.from(header, 'latin1').toString('utf8');
  const safe = Buffer.from(text.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, '').trim());
  // A character that is cut in two is left out.
  return new TextDecoder().decode(safe.subarray(0, MOST_BYTES), { stream: true }) || undefined;
}
