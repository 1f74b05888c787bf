import type { FastifyReply } from 'fastify';
import type { ApiContext } from './context.ts';

/** Of what generation an answer tells. */
export const GENERATION_HEADER = 'signalbox-generation';

/**
 * Before an answer is made out of the table: it has then all that was answered before, by whichever replica. While the store can't be
 * reached, the answer says for how many seconds.
 */
export async function freshTable({ table, fresh }: ApiContext, reply: FastifyReply, key?: string): Promise<void> {
  tellStale(await fresh(key), reply);
  reply.header(GENERATION_HEADER, table.generation);
}

/** How long ago the table was known to be that of the database, where it can't be reached. */
export function tellStale(staleMs: number, reply: FastifyReply): void {
  if (staleMs > 0) reply.header('signalbox-stale', Math.ceil(staleMs / 1000));
}
