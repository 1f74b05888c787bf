import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { matchRoute } from '../../../src/routes/match.ts';
import { chp, missing as missingChp } from '../../conformance/programs.ts';
import { runs } from '../../support/chance.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { until } from '../../support/wait.ts';
import { describeCombinationsOnce, putRoutes } from '../proxying/combinations.ts';
import { ask, FORMS, type Form } from './ask.ts';
import {
  asTraefikReads,
  cookiesFor,
  hasDoubleSlashes,
  isDoubtful,
  isInLine,
  KEYS,
  KNOWN,
  liesUnder,
  paths,
  startUsers,
  tableOf,
} from './crossing-paths.ts';
import { tlsFlags } from './tls-flags.ts';

const table = tableOf(KEYS);

/** What one proxy does otherwise. */
interface Ways {
  /** Paths that it need not serve, besides those that can be read in two ways. */
  readonly mayRefuse?: (path: string) => boolean;
  readonly refusal?: number;
  /** As which path it reads one. */
  readonly reads?: (path: string) => string;
  /** Paths that are not asked for at all. */
  readonly leaveOut?: (path: string) => boolean;
}

function suite(start: () => Promise<number>, forms: readonly Form[], ways: Ways = {}): void {
  const { mayRefuse = () => false, refusal = 400, reads = (path) => path, leaveOut = () => false } = ways;
  let port: number;
  beforeAll(async () => {
    port = await start();
  });

  async function check(path: string, form: Form): Promise<void> {
    const { status, backend } = await ask(port, path, form);
    const what = `${form} ${path} reached ${backend ?? `nobody (${status})`}`;
    if (backend === undefined) {
      expect(isDoubtful(path) || mayRefuse(path), what).toBe(true);
      expect(status, what).toBe(refusal);
      return;
    }
    expect(backend, what).toBe(matchRoute(table, reads(path), undefined));
    expect(liesUnder(path, backend), what).toBe(true);
    for (const cookie of cookiesFor(path)) {
      expect(isInLine(backend, cookie), `${what} with the cookies of ${cookie}`).toBe(true);
    }
  }

  describe.each(forms)('%s', (form) => {
    test.each(KNOWN)('%s', (path) => check(path, form));

    test('no path leads to a route that it does not lie under', async () => {
      const asked = paths.filter((path) => !leaveOut(path));
      await fc.assert(
        fc.asyncProperty(asked, (path) => check(path, form)),
        runs(200),
      );
    });
  });
}

describeCombinationsOnce(({ start, otherwise }) => {
  const startBox = async () => {
    const box = await start({}, ...tlsFlags());
    await putRoutes(box, await startUsers(KEYS));
    return box.port;
  };
  const asTraefik: Ways = { mayRefuse: hasDoubleSlashes, reads: asTraefikReads };
  suite(startBox, FORMS, otherwise('backslashes') && otherwise('path-spelling') ? asTraefik : {});
});

describe('configurable-http-proxy, the judge', () => {
  const missing = missingChp();
  if (missing) {
    test('all of it', ({ skip }) => skip(missing));
    return;
  }
  const startChp = async () => {
    const [port, apiPort] = [await freePort(), await freePort()];
    const [command, ...first] = chp.command;
    startProcess(command, [...first, ...chp.args(tlsFlags(), { port, apiPort }, '')], { env: chp.env });
    const api = (method: string, target: string, body?: object) =>
      rawRequest({
        port: apiPort,
        method,
        target,
        headers: [['Authorization', `token ${chp.env.CONFIGPROXY_AUTH_TOKEN}`]],
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    await until(async () => (await api('GET', '/api/routes')).status === 200, { what: 'configurable-http-proxy' });
    for (const [key, target] of Object.entries(await startUsers(KEYS))) {
      expect((await api('POST', `/api/routes${key}`, { target })).status).toBe(201);
    }
    return port;
  };
  suite(startChp, ['origin', 'post', 'websocket'], {
    mayRefuse: (path) => !canBeDecoded(path),
    refusal: 500,
    // It takes what follows for a host.
    leaveOut: (path) => /^\/[/\\]/.test(path),
  });
});

function canBeDecoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
