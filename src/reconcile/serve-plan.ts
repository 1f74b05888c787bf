import type { Plan } from '../routes/plan.ts';
import type { Confirmed } from './confirmed.ts';
import { isAboutRoutes, type PlanResult, Search } from './search.ts';

const ALL_SERVED: PlanResult = { refused: new Map(), left: [], reason: undefined };

/**
 * Has the proxy serve the plan, or all of it that it takes: one route that it refuses must not stop the others. `apply` is called
 * for one plan after the other; what it has applied is in `confirmed`. Rejects when no route is to blame but the circumstances are,
 * such as a proxy that does not answer: then nothing is known of the plan, and all of it has to come again.
 */
export async function servePlan(
  plan: Plan,
  confirmed: Confirmed,
  apply: (plan: Plan) => Promise<void>,
): Promise<PlanResult> {
  const applyOne = async (one: Plan) => {
    await apply(one);
    await confirmed.note(one);
  };
  try {
    await applyOne(plan);
    return ALL_SERVED;
  } catch (error) {
    if (!isAboutRoutes(error)) throw error;
    return await new Search(plan, confirmed, applyOne).run(error);
  }
}
