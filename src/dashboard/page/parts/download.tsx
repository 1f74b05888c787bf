import { useState } from 'preact/hooks';
import { Failure } from '../api.ts';
import { formatCount } from '../format.ts';
import { useServices } from '../services.ts';

export function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const AT_ONCE = 500;
/** A list beyond that is a matter for the API. */
const MOST = 20_000;

interface Part<Row> {
  readonly matching: number;
  readonly rows: readonly Row[];
}

/** Saves a list with all of its pages. */
export function Downloads<Row>({
  name,
  pathOf,
  formats,
}: {
  name: string;
  pathOf: (limit: number, offset: number) => string;
  formats: Readonly<Record<'csv' | 'json', (rows: readonly Row[]) => string>>;
}) {
  const { api, messages } = useServices();
  const [loaded, setLoaded] = useState<number>();
  const run = async (format: 'csv' | 'json') => {
    setLoaded(0);
    try {
      const { rows, matching } = await all<Row>((path) => api.get<Part<Row>>(path), pathOf, setLoaded);
      save(`signalbox-${name}.${format}`, format === 'csv' ? 'text/csv' : 'application/json', formats[format](rows));
      const cut = rows.length < matching ? ` of ${formatCount(matching)}: the API gives all` : '';
      messages.say({ level: 'ok', text: `Saved ${formatCount(rows.length)} rows${cut}` });
    } catch (error) {
      messages.say({ level: 'error', text: `Not saved: ${error instanceof Failure ? error.message : String(error)}` });
    } finally {
      setLoaded(undefined);
    }
  };
  if (loaded !== undefined) return <span class="downloads">{formatCount(loaded)} rows…</span>;
  return (
    <span class="downloads">
      <button type="button" class="button small" onClick={() => run('csv')} aria-label="Download as CSV">
        CSV
      </button>
      <button type="button" class="button small" onClick={() => run('json')} aria-label="Download as JSON">
        JSON
      </button>
    </span>
  );
}

async function all<Row>(
  get: (path: string) => Promise<Part<Row>>,
  pathOf: (limit: number, offset: number) => string,
  progress: (loaded: number) => void,
): Promise<Part<Row>> {
  const rows: Row[] = [];
  for (;;) {
    const part = await get(pathOf(AT_ONCE, rows.length));
    rows.push(...part.rows);
    progress(rows.length);
    if (part.rows.length === 0 || rows.length >= Math.min(part.matching, MOST))
      return { rows, matching: part.matching };
  }
}
