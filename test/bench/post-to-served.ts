/**
 * Time from POST to served, with 10,000 routes there, next to configurable-http-proxy on the same machine in the same run.
 * A 201 of ours means that nginx serves the route and that it is on disk; every 20th is asked for at once to prove it.
 *
 *     node test/bench/post-to-served.ts
 */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { resolve } from 'node:path';
import { startBackend } from '../support/backend.ts';
import { releaseAll } from '../support/cleanup.ts';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/process.ts';
import { startSignalbox } from '../support/signalbox.ts';
import { until } from '../support/wait.ts';

export interface PostToServed {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** One proxy to measure: its API with its token, and its public side. */
interface Candidate {
  readonly api: string;
  readonly token: string;
  readonly url: string;
}

const THERE = 10_000;
const SAMPLES = 2_000;

/** Starts both, measures both, and gives milliseconds by name and number of clients. */
export async function measurePostToServed(nginx: string): Promise<Record<string, PostToServed>> {
  const backend = await startBackend({ keep: 1 });
  const signalbox = await startSignalbox({ nginx, args: ['--pin-interval', '1h', '--log-level', 'warn'] });
  const candidates: Record<string, Candidate> = {
    signalbox: { api: signalbox.apiUrl, token: signalbox.token, url: signalbox.url },
    chp: await startChp(),
  };
  const figures: Record<string, PostToServed> = {};
  for (const [name, candidate] of Object.entries(candidates)) {
    await run(candidate, backend.url, 50, THERE, 'there', []);
    for (const clients of [1, 10]) {
      const times: number[] = [];
      await run(candidate, backend.url, clients, SAMPLES, `c${clients}`, times);
      times.sort((a, b) => a - b);
      const at = (part: number) => Math.round((times[Math.floor(times.length * part)] ?? 0) * 100) / 100;
      figures[`${name}, ${clients} at a time`] = { p50: at(0.5), p99: at(0.99) };
    }
  }
  return figures;
}

async function startChp(): Promise<Candidate> {
  const [port, apiPort] = [await freePort(), await freePort()];
  const token = randomBytes(16).toString('hex');
  const chp = resolve(import.meta.dirname, '../../node_modules/configurable-http-proxy/bin/configurable-http-proxy');
  const flags = ['--ip', '127.0.0.1', '--port', `${port}`, '--api-ip', '127.0.0.1', '--api-port', `${apiPort}`];
  startProcess(process.execPath, [chp, ...flags, '--log-level', 'warn'], { env: { CONFIGPROXY_AUTH_TOKEN: token } });
  const candidate = { api: `http://127.0.0.1:${apiPort}`, token, url: `http://127.0.0.1:${port}` };
  const agent = new Agent();
  await until(async () => (await ask(agent, 'GET', `${candidate.api}/api/routes`, token)) === 200, { what: 'CHP' });
  return candidate;
}

/** Adds `count` routes with so many clients, each on a connection of its own as the Hub has them; `times` gets each POST's. */
async function run(to: Candidate, target: string, clients: number, count: number, name: string, times: number[]) {
  const body = JSON.stringify({ target });
  let next = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let i = next++; i < count; i = next++) {
        const path = `/user/${name}-${i}`;
        const since = performance.now();
        const posted = await ask(agent, 'POST', `${to.api}/api/routes${path}`, to.token, body);
        times.push(performance.now() - since);
        if (posted !== 201) throw new Error(`POST ${path}: ${posted}`);
        // Not each: on two cores the proof would cost more than what it proves.
        const served = i % 20 !== 0 ? 200 : await ask(agent, 'GET', `${to.url}${path}/`);
        if (served !== 200) throw new Error(`${path} was answered 201, but is not served: ${served}`);
      }
      agent.destroy();
    }),
  );
}

function ask(agent: Agent, method: string, url: string, token?: string, body?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { Authorization: `token ${token}` };
    const asked = request(url, { method, agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

if (import.meta.main) {
  const { ensureTestNginxes } = await import('../../scripts/setup.mjs');
  const nginx = (await ensureTestNginxes({ fetch: false })).present.at(-1);
  try {
    if (!nginx) throw new Error('there is no nginx: run npm test once, it gets one');
    const figures = await measurePostToServed(nginx.path);
    console.table(figures);
    const ratio = (figures['signalbox, 10 at a time']?.p50 ?? 0) / (figures['chp, 10 at a time']?.p50 ?? 1);
    console.log(`p50 with 10 at a time, Signalbox to CHP: ${ratio.toFixed(2)}`);
  } finally {
    await releaseAll();
  }
}
