import { matchRoute } from '../../src/routes/match.ts';
import { rawRequest } from './raw-http.ts';
import { backendOf, whoAnswers } from './who-answers.ts';

type Routes = Readonly<Record<string, { readonly target: string }>>;

const HEALTH = '/_chp_healthz';

/** What users of a daemon get, beside what its table says. */
export class Users {
  readonly #port: number;
  /** The table, as the API shows it. */
  readonly #routes: () => Promise<Routes>;

  constructor(port: number, routes: () => Promise<Routes>) {
    this.#port = port;
    this.#routes = routes;
  }

  /** What who asks for the health of the proxy gets; nginx logs no line for it, so that no test that counts them is disturbed. */
  async health(): Promise<Record<string, number | string>> {
    const answer = rawRequest({ port: this.#port, target: HEALTH, timeout: 3_000 });
    return { [HEALTH]: await answer.then(({ status }) => status).catch((error: Error) => error.message) };
  }

  /** What a user of one of the routes gets: 200 when it is what the table says. */
  async sample(): Promise<Record<string, number | string>> {
    const ours = Object.entries(await this.#routes()).filter(([, { target }]) => backendOf(target));
    const [key, route] = ours[Math.floor(Math.random() * ours.length)] ?? [];
    if (key === undefined || route === undefined) return {};
    const who = await whoAnswers(this.#port, pathBelow(key));
    // One that was changed meanwhile tells nothing.
    const isRight = who === backendOf(route.target) || (await this.#routes())[key]?.target !== route.target;
    return { [key]: isRight ? 200 : `${who}` };
  }

  /** Throws when a user of a route that was just added (or, without a target, removed) gets something else. */
  async check(routespec: string, target?: string): Promise<void> {
    const backend = backendOf(target);
    if (target !== undefined && backend === undefined) return;
    const path = pathBelow(routespec);
    const who = await whoAnswers(this.#port, path);
    // Some paths are refused before a route is looked for.
    if (who === 400 || (backend !== undefined && who === backend)) return;
    const table = await this.#routes();
    const key = matchRoute({ get: (one) => table[one] as never }, path, undefined);
    const wanted = backendOf(key && table[key]?.target);
    // Somebody else has changed it meanwhile.
    if (backend !== undefined && wanted !== backend) return;
    if (backend === undefined && (!`${who}`.startsWith('http:') || who === wanted)) return;
    throw new Error(`${backend ? 201 : 204} for ${routespec}, and a user gets ${who}, not ${wanted ?? 404}`);
  }
}

function pathBelow(key: string): string {
  return `${key.replace(/[?#].*$/s, '').replace(/\/$/, '')}/`;
}
