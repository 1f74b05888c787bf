import { useEffect, useState } from 'preact/hooks';
import type { StatusReport } from '../../../api/schemas.ts';
import type { Me } from '../../page-api.ts';
import { Failure } from '../api.ts';
import { formatSpan } from '../format.ts';
import type { Answer } from '../poll.ts';
import { SIGNED_OUT } from '../session.ts';
import { FailureText } from './empty.tsx';

/** What holds for the whole page: who is away, and why nothing can be done here. */
export function Banners({ me, status }: { me: Answer<Me>; status: Answer<StatusReport> }) {
  const isSignedOut = useSignedOut();
  const viewOnly = me.data?.viewOnly;
  return (
    <div class="banners">
      <div role="alert">
        {isSignedOut ? (
          <p class="banner is-error">
            <b>You are signed out.</b> <Reload>Sign in</Reload>
          </p>
        ) : (
          status.error !== undefined && <Away answer={status} />
        )}
      </div>
      {viewOnly && (
        <p class="banner is-info">
          <b>View only.</b> {viewOnly}
        </p>
      )}
    </div>
  );
}

function useSignedOut(): boolean {
  const [isSignedOut, setSignedOut] = useState(false);
  useEffect(() => {
    const tell = () => setSignedOut(true);
    window.addEventListener(SIGNED_OUT, tell);
    return () => window.removeEventListener(SIGNED_OUT, tell);
  }, []);
  return isSignedOut;
}

const Reload = ({ children }: { children: string }) => (
  <button type="button" class="button small" onClick={() => location.reload()}>
    {children}
  </button>
);

function Away({ answer: { error, data, at } }: { answer: Answer<StatusReport> }) {
  if (error instanceof Failure && error.status === 403) {
    return (
      <p class="banner is-error">
        <b>You may not see this.</b> <FailureText error={error} /> <Reload>Reload the page</Reload>
      </p>
    );
  }
  if (error instanceof Failure && error.isReadAlong) {
    return (
      <p class="banner is-error">
        <b>Nothing is asked any more.</b> <FailureText error={error} />
      </p>
    );
  }
  const isDaemonAway = error instanceof Failure && error.isDaemonAway;
  return (
    <p class="banner is-error">
      <b>{isDaemonAway ? 'The daemon does not answer.' : 'The dashboard does not answer.'}</b>{' '}
      {data ? <DataAge at={at} /> : <FailureText error={error} />} It is asked again every 2 seconds.
    </p>
  );
}

function DataAge({ at }: { at: number }) {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      What is shown is from {/* The second is not read out each time. */}
      <span aria-live="off">{formatSpan(now - at)}</span> ago. The proxy itself may well be fine.
    </>
  );
}
