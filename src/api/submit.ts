import type { FastifyReply, FastifyRequest } from 'fastify';
import { SignalboxError } from '../errors.ts';
import type { ChangeKind } from '../observe/metrics.ts';
import type { Outcome } from '../reconcile/change.ts';
import type { Change } from '../routes/wish.ts';
import { actorOf } from './actor.ts';
import type { ApiContext } from './context.ts';
import { GENERATION_HEADER } from './fresh.ts';
import { errorFor } from './namespaces/errors.ts';

/** Hands a change in and counts it when it was accepted: one that is stored but not served yet is accepted too. */
export async function submit(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: ChangeKind,
  change: Change,
): Promise<Outcome> {
  const { view } = request;
  const release = view.quota?.admit(change);
  try {
    const outcome = await context.changes.submit({ ...change, actor: actorOf(request) });
    reply.header(GENERATION_HEADER, outcome.generation);
    context.metrics.countChange(kind);
    return outcome;
  } catch (error) {
    if (error instanceof SignalboxError && error.code === 'NOT_SERVED') context.metrics.countChange(kind);
    throw errorFor(view, error);
  } finally {
    release?.();
  }
}
