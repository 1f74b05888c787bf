import { establishedSockets } from '../../../activity/sockets.ts';
import { describeError } from '../../../errors.ts';
import { type Finding, ok, skipped, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Can open connections be looked at, here and in the daemon? */
export async function sockets({ config: { activity }, api }: Scene): Promise<Finding> {
  if (!activity) return skipped('activity is off');
  const blind = 'failure' in api ? null : (api.report.activity?.blind ?? null);
  const mend =
    'Install iproute2 beside Signalbox, and let it share the network of the proxy. Else the idle culler may stop servers that are in use.';
  if (blind !== null) return warn(`the daemon can't see open connections: ${blind}`, mend);
  try {
    const found = await establishedSockets(() => true);
    return ok(`${found.length} open connections can be seen`);
  } catch (error) {
    return warn(`open connections can't be seen: ${describeError(error)}`, mend);
  }
}
