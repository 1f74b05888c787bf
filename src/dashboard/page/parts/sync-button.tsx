import { useState } from 'preact/hooks';
import { useMe, useServices } from '../services.ts';
import { Confirm } from './confirm.tsx';

/** Has the Hub compare its servers with the routes. */
export function SyncButton() {
  const { api, poller, messages } = useServices();
  const me = useMe();
  const [isAsked, setAsked] = useState(false);
  if (!me?.hub?.maySync) return null;
  const run = async () => {
    await api.act('actions/sync');
    messages.say({ level: 'ok', text: 'The Hub has compared its servers with the routes.' });
    poller.refresh();
  };
  return (
    <>
      <button type="button" class="button" onClick={() => setAsked(true)}>
        Ask the Hub to sync…
      </button>
      <Confirm
        asked={
          isAsked
            ? {
                title: 'Ask the Hub to sync its routes?',
                body: <p>The Hub adds the routes that are missing, and removes those of servers that no longer run.</p>,
                verb: 'Sync',
                run,
              }
            : undefined
        }
        close={() => setAsked(false)}
      />
    </>
  );
}
