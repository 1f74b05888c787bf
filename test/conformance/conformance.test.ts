import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeIf } from '../support/skip.ts';
import type { Case, Fields } from './case.ts';
import { byFlags } from './cases/index.ts';
import { makeCertificates } from './certificates.ts';
import { mismatches } from './compare.ts';
import { play } from './play.ts';
import { chp, missing, signalbox } from './programs.ts';
import { type RunningProxy, startProxy } from './proxy.ts';
import { clear, setRoutes } from './routes.ts';
import { startSide } from './side.ts';

type Pair = readonly [chp: RunningProxy, signalbox: RunningProxy];

const sets = byFlags();
const certificates = makeCertificates();
const sides = await Promise.all([startSide(certificates), startSide(certificates)]);
const pairs = new Map<number, Promise<Pair>>();
const stopping: Promise<void>[] = [];

describeIf(!missing(), `${missing()}`, 'as configurable-http-proxy', () => {
  for (const [at, { flags, cases }] of sets.entries()) {
    describe(flags.length === 0 ? 'no flags' : flags.join(' '), () => {
      let pair: Pair;
      beforeAll(async () => {
        pair = (await start(at)) as Pair;
        // The proxies of the next flags come up meanwhile.
        start(at + 1);
      }, 40_000);
      afterAll(() => void stopping.push(...(pair ?? []).map((proxy) => proxy.stop())));

      for (const { title, one } of cases) {
        test(`${title}: ${one.name}`, async () => {
          const [ofChp = [], ofSignalbox = []] = await Promise.all(pair.map((proxy) => playAll(one, proxy)));
          const found = mismatches(one, ofChp, ofSignalbox);
          if (one.fault) expect(found, 'it holds now: take `fault` away').not.toEqual([]);
          else expect(found, found.join('\n')).toEqual([]);
        });
      }
    });
  }
  afterAll(async () => {
    // One that was to come may be starting still, when only some of the tests run.
    await Promise.allSettled(pairs.values());
    await Promise.all(stopping);
  });
});

/** The proxies of one set of flags. */
function start(at: number): Promise<Pair> | undefined {
  const flags = sets[at]?.flags;
  if (flags === undefined || pairs.has(at)) return pairs.get(at);
  const [first, second] = sides;
  const pair = Promise.all([startProxy(chp, first, flags), startProxy(signalbox, second, flags)]);
  pair.catch(() => undefined); // who awaits it hears of it
  pairs.set(at, pair);
  return pair;
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
