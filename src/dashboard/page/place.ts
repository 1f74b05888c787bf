import { useEffect, useMemo, useState } from 'preact/hooks';
import { hashOf, type Place, parsePlace, type View } from './location.ts';

const MOVED = 'signalbox-moved';

/** Where one is; follows links, the back button and `changeParams`. */
export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    for (const event of ['hashchange', MOVED]) window.addEventListener(event, follow);
    return () => {
      for (const event of ['hashchange', MOVED]) window.removeEventListener(event, follow);
    };
  }, []);
  return useMemo(() => parsePlace(hash), [hash]);
}

/** Changes what is shown without a step for the back button, as a filter does at each letter. */
export function changeParams(view: View, params: Readonly<Record<string, string | undefined>>): void {
  history.replaceState(null, '', hashOf(view, params));
  window.dispatchEvent(new Event(MOVED));
}
