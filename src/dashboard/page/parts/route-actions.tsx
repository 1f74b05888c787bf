import { useState } from 'preact/hooks';
import type { TargetChecked, TrafficOfRoute } from '../../../api/traffic/schemas.ts';
import type { Removed, ServerStopped } from '../../page-api.ts';
import { formatDuration } from '../format.ts';
import { useMe, useServices } from '../services.ts';
import { ActionButton } from './action-button.tsx';
import { type Asked, Confirm } from './confirm.tsx';
import { Name } from './name.tsx';

const UNDO_MS = 60_000;

/** What may be done with a route; what may not be done isn't offered, and the banner says why. */
export function RouteActions({ of: { route } }: { of: TrafficOfRoute }) {
  const { api, poller, messages } = useServices();
  const me = useMe();
  const [asked, setAsked] = useState<Asked>();
  const { key, kind, user, server } = route;

  const check = async () => {
    const { target, address, reachable, ms, error } = await api.act<TargetChecked>('actions/check-target', { key });
    const where = (
      <>
        <Name text={target} isCode />
        {address !== null && (
          <>
            {' '}
            at <Name text={address} isCode />
          </>
        )}
      </>
    );
    // That it was found out is no failure of the check, but has to stay.
    if (!reachable) throw new NotReachable(`${target} takes no connection${error === null ? '' : `: ${error}`}`);
    return (
      <>
        {where} takes connections{ms !== null && `, after ${formatDuration(ms)}`}.
      </>
    );
  };

  const remove = async () => {
    const { undo } = await api.act<Removed>('actions/remove-route', { key });
    messages.say({
      level: 'ok',
      text: (
        <>
          Removed <Name text={key} />
        </>
      ),
      undo: {
        until: performance.now() + UNDO_MS,
        run: async () => {
          await api.act('actions/restore-route', { undo });
          messages.say({
            level: 'ok',
            text: (
              <>
                <Name text={key} /> is back
              </>
            ),
          });
          poller.refresh();
        },
      },
    });
    poller.refresh();
  };

  const stop = async () => {
    const { pending } = await api.act<ServerStopped>('actions/stop-server', { user: user ?? '', server: server ?? '' });
    messages.say({
      level: 'ok',
      text: (
        <>
          The server of <Name text={user ?? ''} /> {pending ? 'is being stopped' : 'has been stopped'}
        </>
      ),
    });
    poller.refresh();
  };

  const mayRemove = me?.mayOperate && key !== '/' && key !== me.ownRoute;
  return (
    <span class="view-actions">
      {me?.mayOperate && <ActionButton title="Check backend" run={check} />}
      {me?.hub?.mayStop && kind === 'user' && user !== null && (
        <button
          type="button"
          class="button"
          onClick={() =>
            setAsked({
              title: 'Stop this server?',
              body: (
                <p>
                  The Hub stops{' '}
                  {server ? (
                    <>
                      the server <Name text={server} /> of
                    </>
                  ) : (
                    'the default server of'
                  )}{' '}
                  <Name text={user} />. Work that is not saved is lost, and running kernels end. Its route goes with it.
                </p>
              ),
              verb: 'Stop the server',
              run: stop,
            })
          }
        >
          Stop server…
        </button>
      )}
      {mayRemove && (
        <button
          type="button"
          class="button"
          onClick={() =>
            setAsked({
              title: 'Remove this route?',
              body: (
                <>
                  <p>
                    The proxy stops serving <Name text={key} /> at once. You can take that back for 60 seconds.
                  </p>
                  {kind !== 'foreign' && kind !== 'extra' && (
                    <p>
                      The server behind it goes on running: the Hub adds the route again when it next compares, within
                      some 5 minutes.
                    </p>
                  )}
                </>
              ),
              verb: 'Remove the route',
              run: remove,
            })
          }
        >
          Remove route…
        </button>
      )}
      <Confirm asked={asked} close={() => setAsked(undefined)} />
    </span>
  );
}

class NotReachable extends Error {}
