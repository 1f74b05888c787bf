import type { HubServers } from '../../page-api.ts';
import { plural } from '../format.ts';
import { hashOfRoute } from '../location.ts';
import { Waiting } from '../parts/empty.tsx';
import { Name } from '../parts/name.tsx';
import { Panel } from '../parts/panel.tsx';
import { Shape, StatusWord } from '../parts/status-word.tsx';
import { SyncButton } from '../parts/sync-button.tsx';
import { Table } from '../parts/table.tsx';
import { usePoll } from '../services.ts';
import { httpUrl } from '../url.ts';

/** The Hub is asked for all of its servers: not each two seconds. */
const EVERY_MS = 60_000;

/** Where the routes and the Hub's servers differ. */
export function Comparison({ close }: { close: () => void }) {
  const { data, error } = usePoll<HubServers>('api/hub/servers', EVERY_MS);
  return (
    <Panel
      title="Compared with the Hub"
      note={data && `${plural(data.compared.routes, 'route')}, ${plural(data.compared.servers, 'running server')}`}
      actions={
        <button type="button" class="quiet" onClick={close}>
          close
        </button>
      }
    >
      {data ? <Differences servers={data} /> : <Waiting error={error} />}
    </Panel>
  );
}

function Differences({ servers: { stale, missing } }: { servers: HubServers }) {
  if (stale.length + missing.length === 0) {
    return (
      <p class="panel-body">
        <StatusWord level="ok">Routes and servers agree.</StatusWord>
      </p>
    );
  }
  return (
    <div class="panel-body differences">
      {stale.length > 0 && (
        <Table
          caption={`${plural(stale.length, 'route')} whose server the Hub does not have running`}
          isCaptionHidden={false}
          class="dense"
          columns={[
            {
              title: 'Route',
              isHead: true,
              cell: ({ key }) => (
                <>
                  <Shape level="warning" />
                  <a href={hashOfRoute(key)}>
                    <Name text={key} />
                  </a>
                </>
              ),
            },
            { title: 'User', cell: ({ user }) => <Name text={user} /> },
            { title: 'Server', cell: ({ server }) => (server === '' ? 'default' : <Name text={server} />) },
          ]}
          rows={stale}
          keyOf={({ key }) => key}
        />
      )}
      {missing.length > 0 && (
        <Table
          caption={`${plural(missing.length, 'running server')} without a route`}
          isCaptionHidden={false}
          class="dense"
          columns={[
            {
              title: 'User',
              isHead: true,
              cell: ({ user, url }) => {
                const href = httpUrl(url);
                return (
                  <>
                    <Shape level="warning" />
                    {href ? (
                      <a href={href}>
                        <Name text={user} />
                      </a>
                    ) : (
                      <Name text={user} />
                    )}
                  </>
                );
              },
            },
            { title: 'Server', cell: ({ server }) => (server === '' ? 'default' : <Name text={server} />) },
          ]}
          rows={missing}
          keyOf={({ user, server }) => `${user} ${server}`}
        />
      )}
      <p class="remedy">
        <SyncButton /> The Hub compares all of its servers with the routes, and mends both.
      </p>
    </div>
  );
}
