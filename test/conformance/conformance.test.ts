import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeIf } from '../support/skip.ts';
import { missingTraefik, testTraefik } from '../support/traefik.ts';
import { traefikDifferences } from '../support/traefik-differences.ts';
import { until } from '../support/wait.ts';
import type { Case, Fields } from './case.ts';
import { byFlags } from './cases/index.ts';
import { makeCertificates } from './certificates.ts';
import { mismatches } from './compare.ts';
import { play } from './play.ts';
import { chp, missing, signalbox, signalboxOnTraefik } from './programs.ts';
import { type RunningProxy, startProxy } from './proxy.ts';
import { clear, isReady, setRoutes } from './routes.ts';
import { startSide } from './side.ts';
import { notPlayed, traefikMismatches } from './traefik.ts';

type Proxies = readonly [chp: RunningProxy, signalbox: RunningProxy, traefik: RunningProxy | undefined];

const sets = byFlags();
const certificates = makeCertificates();
const sides = await Promise.all([startSide(certificates), startSide(certificates), startSide(certificates)]);
const started = new Map<number, Promise<Proxies>>();
const stopping: Promise<void>[] = [];

describeIf(!missing(), `${missing()}`, 'as configurable-http-proxy', () => {
  for (const [at, { flags, cases }] of sets.entries()) {
    describe(flags.length === 0 ? 'no flags' : flags.join(' '), () => {
      let proxies: Proxies;
      beforeAll(async () => {
        proxies = (await start(at)) as Proxies;
        // The proxies of the next flags come up meanwhile.
        start(at + 1);
      }, 40_000);
      afterAll(() => void stopping.push(...(proxies ?? []).map(async (proxy) => proxy?.stop())));

      for (const { title, one } of cases) {
        const shown: { chp: Fields[] } = { chp: [] };

        test(`${title}: ${one.name}`, async () => {
          const [chp, signalbox] = proxies;
          const [ofChp, ofSignalbox] = await Promise.all([playAll(one, chp), playAll(one, signalbox)]);
          shown.chp = ofChp;
          const found = mismatches(one, ofChp, ofSignalbox);
          if (one.fault) expect(found, 'it holds now: take `fault` away').not.toEqual([]);
          else expect(found, found.join('\n')).toEqual([]);
        });

        test(`${title}: ${one.name}, through Traefik`, async ({ skip }) => {
          const [, , traefik] = proxies;
          const name = `${title}: ${one.name}`;
          const difference = notPlayed(flags, name);
          if (difference) skip(`Traefik: ${traefikDifferences[difference].traefik}`);
          if (!traefik) return skip(missingTraefik);
          const found = traefikMismatches(name, one, shown.chp, await playAll(one, traefik));
          expect(found, found.join('\n')).toEqual([]);
        });
      }
    });
  }
  afterAll(async () => {
    // One that was to come may be starting still, when only some of the tests run.
    await Promise.allSettled(started.values());
    await Promise.all(stopping);
  });
});

/** The proxies of one set of flags. */
function start(at: number): Promise<Proxies> | undefined {
  const flags = sets[at]?.flags;
  if (flags === undefined || started.has(at)) return started.get(at);
  const [first, second, third] = sides;
  const withTraefik = testTraefik !== undefined && notPlayed(flags, '') === undefined;
  const proxies = Promise.all([
    startProxy(chp, first, flags),
    startReady(signalbox, second, flags),
    withTraefik ? startReady(signalboxOnTraefik, third, flags) : undefined,
  ]);
  proxies.catch(() => undefined); // who awaits it hears of it
  started.set(at, proxies);
  return proxies;
}

async function startReady(...given: Parameters<typeof startProxy>): Promise<RunningProxy> {
  const proxy = await startProxy(...given);
  await until(() => isReady(proxy), { what: 'the proxy to serve its table', timeout: 20_000 });
  return proxy;
}

async function playAll(one: Case, proxy: RunningProxy): Promise<Fields[]> {
  try {
    await setRoutes(one.routes ?? {}, proxy);
    const shown: Fields[] = [];
    for (const step of one.steps) shown.push(await play(step, proxy));
    return shown;
  } finally {
    await clear(proxy);
  }
}
