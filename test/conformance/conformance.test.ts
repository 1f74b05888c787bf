import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Case, Fields } from './case.ts';
import { byFlags } from './cases/index.ts';
import { makeCertificates } from './certificates.ts';
import { mismatches } from './compare.ts';
import { play } from './play.ts';
import { chp, findSignalbox, missing, type Program } from './programs.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { clear, setRoutes } from './routes.ts';
import { startSide } from './side.ts';

const certificates = makeCertificates();
const nowhere = missing();
const signalbox: Program | undefined = nowhere ? undefined : await findSignalbox();
const sides = await Promise.all([startSide(certificates), startSide(certificates)]);

type Pair = readonly [chp: Proxy, signalbox: Proxy];

const sets = byFlags().map((set) => ({ ...set, skipped: nowhere ?? signalbox?.refuses(set.flags) }));
const started = new Map<number, Promise<Pair>>();

/** The proxies of one set of flags; those of the next set come up meanwhile. */
function pairOf(at: number): Promise<Pair> {
  const next = sets.findIndex(({ skipped }, index) => index > at && !skipped);
  const pair = start(at);
  if (next !== -1) pair.then(() => start(next)).catch(() => undefined);
  return pair;
}

function start(at: number): Promise<Pair> {
  const known = started.get(at);
  if (known) return known;
  const flags = sets[at]?.flags ?? [];
  const [first, second] = sides;
  const pair = Promise.all([startProxy(chp, first, flags), startProxy(signalbox ?? chp, second, flags)]);
  pair.catch(() => undefined); // whoever awaits it hears of it
  started.set(at, pair);
  return pair;
}

for (const [at, { flags, cases, skipped }] of sets.entries()) {
  describe(flags.length === 0 ? 'no flags' : flags.join(' '), () => {
    let pair: Pair;
    if (!skipped) {
      beforeAll(async () => {
        pair = await pairOf(at);
      }, 40_000);
      afterAll(() => Promise.all((pair ?? []).map((proxy) => proxy.stop())));
    }

    for (const { title, one } of cases) {
      test(`${title}: ${one.name}`, async ({ skip }) => {
        const reason = skipped ?? refusedRun(one);
        if (reason) skip(reason);
        const [ofChp, ofSignalbox] = await Promise.all(pair.map((proxy) => playAll(one, proxy)));
        const found = mismatches(one, ofChp ?? [], ofSignalbox ?? []);
        if (one.fault) expect(found, 'it holds now: take `fault` away').not.toEqual([]);
        else expect(found, found.join('\n')).toEqual([]);
      });
    }
  });
}

/** A command line of configurable-http-proxy needs the command that takes all of them. */
function refusedRun(one: Case): string | undefined {
  const runs = one.steps.some((step) => 'run' in step);
  return runs && signalbox?.command.at(-1) === 'serve' ? 'waits for signalbox chp' : undefined;
}

async function playAll(one: Case, proxy: Proxy): Promise<Fields[]> {
  try {
    await setRoutes(one.routes ?? {}, proxy);
    const seen: Fields[] = [];
    for (const step of one.steps) seen.push(await play(step, proxy));
    return seen;
  } finally {
    await clear(proxy);
  }
}
