import type { StatusReport } from '../../../api/schemas.ts';
import { formatCount } from '../format.ts';
import { hashOf, type Place, type View } from '../location.ts';
import { stateOf, type Trouble } from '../problems.ts';
import { Menu } from './menu.tsx';
import { StatusWord } from './status-word.tsx';

const TABS: readonly (readonly [View, string])[] = [
  ['overview', 'Overview'],
  ['routes', 'Routes'],
  ['people', 'People'],
  ['proxy', 'Proxy'],
  ['events', 'Events'],
];

export function Header({
  place,
  status,
  troubles,
}: {
  place: Place;
  status: StatusReport | undefined;
  troubles: readonly Trouble[];
}) {
  const tab = place.view === 'route' ? 'routes' : place.view;
  return (
    <header class="header">
      <a class="brand" href="#/" aria-label="Signalbox, overview">
        <Signal level={status ? stateOf(status).level : 'info'} />
        <span>Signalbox</span>
      </a>
      <State status={status} />
      <nav class="tabs" aria-label="Pages of the dashboard">
        {TABS.map(([view, title]) => (
          <a key={view} href={hashOf(view)} aria-current={view === tab ? 'page' : undefined}>
            {title}
            {view === 'overview' && troubles.length > 0 && <Badge troubles={troubles} />}
          </a>
        ))}
      </nav>
      <Menu />
    </header>
  );
}

function Badge({ troubles }: { troubles: readonly Trouble[] }) {
  const level = troubles[0]?.level ?? 'warning';
  return (
    <span class={`badge is-${level}`}>
      {troubles.length}
      <span class="visually-hidden"> {troubles.length === 1 ? 'problem' : 'problems'}</span>
    </span>
  );
}

function State({ status }: { status: StatusReport | undefined }) {
  if (!status) return <p class="state">…</p>;
  const { level, word } = stateOf(status);
  const { driver, proxy, generation } = status;
  const isBehind = generation.served !== generation.wanted;
  return (
    <p class="state">
      <StatusWord level={level}>{word}</StatusWord>
      <span>
        {driver} {proxy.version}
      </span>
      <span title="Number of the table that the proxy serves, of the one that is wanted">
        generation {formatCount(Math.max(generation.served, 0))}
        {isBehind && ` of ${formatCount(generation.wanted)}`}
      </span>
    </p>
  );
}

/** Two arms of a railway's signal; which lamp is lit says the state, and the word beside it does too. */
function Signal({ level }: { level: 'ok' | 'info' | 'warning' | 'error' }) {
  return (
    <svg class={`signal is-${level}`} viewBox="0 0 16 24" width="16" height="24" aria-hidden="true" focusable="false">
      <path class="mast" d="M8 15v8M4.5 23h7" />
      <rect class="box" x="3" y="1" width="10" height="15" rx="5" />
      <circle class={level === 'error' || level === 'warning' ? 'lamp lit' : 'lamp'} cx="8" cy="5.5" r="2.2" />
      <circle class={level === 'ok' ? 'lamp lit' : 'lamp'} cx="8" cy="11.5" r="2.2" />
    </svg>
  );
}
