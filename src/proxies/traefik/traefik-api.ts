import type { Config } from '../../config/schema.ts';
import { ask } from '../../process/ask.ts';

/** One of our routers, as Traefik's API reports it. */
export interface OwnRouter {
  readonly name: string;
  /** What Traefik found wrong with it. */
  readonly errors: readonly string[];
}

const TIMEOUT_MS = 2_000;
const PER_PAGE = 1_000;

/** What follows the prefix in the names of our routers. */
const KINDS = '(?:generation|canary|root|odd|backslashed|tidied|bad-path|none|node:|route:)';

/** Asks Traefik's API for our routers: `disabled` are left out, `warning` are not all that was asked for. */
export async function ownRouters(
  api: string,
  { traefikPrefix: prefix, traefikEntryPoints: entryPoints }: Pick<Config, 'traefikPrefix' | 'traefikEntryPoints'>,
  status: 'enabled' | 'warning' | 'disabled',
): Promise<OwnRouter[]> {
  // Where a router stands on several entry points, each of them may have one, with its name in front.
  const isOurs = new RegExp(`^(?:(?:${entryPoints.replace(/ *, */g, '|')})-)?${prefix}-${KINDS}`);
  const found: OwnRouter[] = [];
  for (let page = 1; ; page++) {
    const query = new URLSearchParams({ search: `${prefix}-`, status, per_page: `${PER_PAGE}`, page: `${page}` });
    const answer = await ask(api, `/api/http/routers?${query}`, { timeoutMs: TIMEOUT_MS });
    if (answer.status !== 200) throw new Error(`it answers ${answer.status}`);
    const routers = JSON.parse(answer.text) as { name: string; error?: string[] }[];
    const ours = routers.filter(({ name }) => isOurs.test(name));
    found.push(...ours.map(({ name, error }) => ({ name, errors: error ?? [] })));
    if (routers.length < PER_PAGE) return found;
  }
}
