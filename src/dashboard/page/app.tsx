import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { StatusReport } from '../../api/schemas.ts';
import type { TrafficRoutes } from '../../api/traffic/schemas.ts';
import type { Me } from '../page-api.ts';
import { visible } from './format.ts';
import type { Place } from './location.ts';
import { Banners } from './parts/banners.tsx';
import { Boundary } from './parts/boundary.tsx';
import { Header } from './parts/header.tsx';
import { MessageList } from './parts/messages.tsx';
import { usePlace } from './place.ts';
import { troublesOf } from './problems.ts';
import { MeContext, type Services, ServicesContext, usePoll } from './services.ts';
import { forgetReload } from './session.ts';
import { Events } from './views/events.tsx';
import { Overview, type OverviewProps } from './views/overview.tsx';
import { People } from './views/people.tsx';
import { ProxyView } from './views/proxy.tsx';
import { Route } from './views/route.tsx';
import { Routes } from './views/routes.tsx';

const ME_MS = 10_000;
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function App({ services }: { services: Services }) {
  return (
    <ServicesContext.Provider value={services}>
      <Boundary>
        <Page services={services} />
      </Boundary>
    </ServicesContext.Provider>
  );
}

function Page({ services }: { services: Services }) {
  const place = usePlace();
  const me = usePoll<Me>('api/me', ME_MS);
  const status = usePoll<StatusReport>('api/status');
  const failing = usePoll<TrafficRoutes>('api/traffic/routes?show=errors&sort=errors&desc=true&limit=20');
  const troubles = useMemo(
    () => troublesOf({ status: status.data, routes: failing.data?.rows ?? [], now: failing.data?.time ?? Date.now() }),
    [status.data, failing.data],
  );
  const title = titleOf(place);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    if (me.data) forgetReload();
  }, [me.data]);
  useEffect(() => {
    document.title = `${troubles.length > 0 ? `(${troubles.length}) ` : ''}${title} · Signalbox`;
  }, [title, troubles.length]);
  const shown = `${place.view} ${place.params.key ?? ''}`;
  useNewView(main, shown);
  return (
    <MeContext.Provider value={me.data}>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Header place={place} status={status.data} troubles={troubles} />
      <Banners me={me} status={status} />
      <main ref={main} id="main" tabIndex={-1} class={status.error === undefined ? '' : 'is-stale'}>
        <Boundary key={shown}>
          <Shown
            place={place}
            status={status.data}
            statusError={status.error}
            troubles={troubles}
            failing={failing.data}
          />
        </Boundary>
      </main>
      <footer class="footer">
        <span>Signalbox {status.data?.version ?? me.data?.version ?? ''}</span>
        <span>Figures are counted in memory since the daemon started, and kept for an hour.</span>
        <span>Times are those of {ZONE}.</span>
      </footer>
      <MessageList messages={services.messages} />
    </MeContext.Provider>
  );
}

interface ShownProps extends OverviewProps {
  readonly place: Place;
  readonly statusError: unknown;
}

function Shown({ place, status, statusError, troubles, failing }: ShownProps) {
  // Tables of a hundred rows are not to be compared with themselves at each news of the proxy.
  const own = useMemo(() => ownView(place), [place]);
  if (place.view === 'overview') return <Overview status={status} troubles={troubles} failing={failing} />;
  if (place.view === 'proxy') return <ProxyView status={status} error={statusError} now={failing?.time} />;
  return own;
}

/** The views that ask for all that they show. */
function ownView({ view, params }: Place) {
  switch (view) {
    case 'routes':
      return <Routes params={params} />;
    case 'route':
      return <Route routeKey={params.key ?? ''} />;
    case 'people':
      return <People params={params} />;
    case 'events':
      return <Events params={params} />;
    default:
      return (
        <div class="panel empty">
          <h1>There is no such page</h1>
          <p>
            <a href="#/">Go to the overview</a>
          </p>
        </div>
      );
  }
}

const TITLES = {
  overview: 'Overview',
  routes: 'Routes',
  route: 'Route',
  people: 'People',
  proxy: 'Proxy',
  events: 'Events',
  unknown: 'No such page',
};

const titleOf = ({ view, params }: Place) => (view === 'route' ? visible(params.key ?? '') : TITLES[view]);

/** Another view begins at its top, and readers are told; the first one is where they are anyway. */
function useNewView(main: { current: HTMLElement | null }, name: string): void {
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [name]);
}
