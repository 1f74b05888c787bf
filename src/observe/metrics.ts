import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Hit } from '../activity/hit.ts';
import type { FleetEvents } from '../store/fleet.ts';
import { type ApiAnswer, registerChpMetrics } from './chp-metrics.ts';
import { type FleetSources, registerFleetMetrics } from './fleet-metrics.ts';
import { sampledCounter } from './sampled-counter.ts';
import { registerTrafficMetrics } from './traffic-metrics.ts';

/** Where the gauges read at each scrape. */
export interface MetricSources {
  routes(): number;
  generation(): { wanted: number; served: number };
  refused(): readonly { readonly key: string; readonly reason: string }[];
  proxy(): {
    up: boolean;
    reloads: number;
    draining: { workers: number; generations: number; bytes: number | undefined } | undefined;
    pins: { targets: number; share: number | undefined } | undefined;
    templates: { problem: { file: string | null; line: number | null; message: string } | undefined };
  };
  /** Undefined with --no-activity. */
  activity(): { lines: number; unreadable: number; backlogBytes: number; blind: string | null } | undefined;
  /** Open websockets and uploads, and how many people have them; null where that can't be known. */
  open(): { websockets: number | null; people: number | null };
}

/** Each is a time series. */
const MOST_NAMED = 20;

export interface MetricsOptions {
  readonly version: string;
  readonly driver: string;
  readonly sources: MetricSources;
  /** Of a table that several replicas share. */
  readonly fleet?: FleetSources | undefined;
}

/** How a change came in: the method of the API. */
export type ChangeKind = 'post' | 'delete' | 'put' | 'patch';

export interface Metrics extends Partial<FleetEvents> {
  /** An accepted change: stored, whether or not the proxy serves it yet. */
  countChange(kind: ChangeKind): void;
  /** A pass of the reconciler; fits its `onPass`. */
  observePass(seconds: number, error: unknown): void;
  /** An answer of the API; fits `onAnswer` of its listener. */
  observeApi(answer: ApiAnswer): void;
  /** A request of a user that ended; fits `onHit` of the tracker. */
  observeRequest(request: Pick<Hit, 'status' | 'answered' | 'firstByte'>): void;
  /** The exposition in Prometheus' text format, and its content type. */
  render(): Promise<{ contentType: string; text: string }>;
}

/** All metrics of one daemon, in a registry of its own: tests and `signalbox chp` have more than one in a process. */
export function createMetrics({ version, driver, sources, fleet }: MetricsOptions): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });

  const info = { name: 'signalbox_info', help: 'Always 1; the labels say what is running.' };
  new Gauge({ ...info, labelNames: ['version', 'driver'], registers }).set({ version, driver }, 1);

  const changes = new Counter({
    name: 'signalbox_changes_total',
    help: 'Changes that were accepted through the API, by method.',
    labelNames: ['kind'],
    registers,
  });
  const applySeconds = new Histogram({
    name: 'signalbox_apply_seconds',
    help: 'How long the proxy took to serve a batch of changes, confirmation included.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const applyFailures = new Counter({
    name: 'signalbox_apply_failures_total',
    help: 'Batches that the proxy could not be made to serve; they are tried again.',
    registers,
  });
  registerSources(sources, registers);

  const chp = registerChpMetrics(registers);
  const traffic = registerTrafficMetrics(registers);

  return {
    observeApi: chp.observeApi,
    observeRequest(request) {
      chp.observeRequest(request);
      traffic.observeRequest(request);
    },
    ...(fleet && registerFleetMetrics(fleet, registers)),
    countChange: (kind) => changes.inc({ kind }),
    observePass(seconds, error) {
      if (error === undefined) applySeconds.observe(seconds);
      else applyFailures.inc();
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function registerSources(sources: MetricSources, registers: Registry[]): void {
  gauge('signalbox_routes', 'Routes in the wanted table.', () => sources.routes());
  gauge('signalbox_generation_wanted', 'Generation of the wanted table.', () => sources.generation().wanted);
  gauge(
    'signalbox_generation_served',
    'Newest generation the proxy has shown to serve; -1 while it serves none.',
    () => {
      return sources.generation().served;
    },
  );
  gauge('signalbox_refused_routes', 'Routes of the wanted table that the proxy refuses. It serves the others.', () => {
    return sources.refused().length;
  });
  new Gauge({
    name: 'signalbox_refused_route',
    help: `1 for each route that the proxy refuses, the first ${MOST_NAMED} of them; the labels say why.`,
    labelNames: ['key', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const { key, reason } of sources.refused().slice(0, MOST_NAMED)) this.set({ key, reason }, 1);
    },
  });
  gauge('signalbox_proxy_up', 'Whether the proxy is there, answers, and serves what it has shown to serve.', () =>
    Number(sources.proxy().up),
  );
  gauge('signalbox_draining_workers', 'Processes of earlier configurations that still finish connections.', () => {
    return sources.proxy().draining?.workers;
  });
  gauge('signalbox_draining_generations', 'Reloads that left such processes.', () => {
    return sources.proxy().draining?.generations;
  });
  gauge('signalbox_draining_bytes', 'Memory that they have for themselves.', () => sources.proxy().draining?.bytes);
  gauge('signalbox_pinned_targets', 'Targets whose connections nginx keeps.', () => sources.proxy().pins?.targets);
  gauge('signalbox_pinned_share', 'How many of 1 request of the last minutes went to pinned targets.', () => {
    return sources.proxy().pins?.share;
  });
  new Gauge({
    name: 'signalbox_template_error',
    help: "1 while the newest of the user's templates are refused; the labels say why. No sample when all is well.",
    labelNames: ['file', 'line', 'reason'],
    registers,
    collect() {
      this.reset();
      const { problem } = sources.proxy().templates;
      if (problem) this.set({ file: problem.file ?? '', line: problem.line ?? '', reason: problem.message }, 1);
    },
  });
  gauge('signalbox_activity_backlog_bytes', 'Bytes of access logs that are not read yet.', () => {
    return sources.activity()?.backlogBytes;
  });
  gauge('signalbox_activity_blind', 'Whether open connections can not be seen, so that websockets count late.', () => {
    const activity = sources.activity();
    return activity && Number(activity.blind !== null);
  });
  gauge(
    'signalbox_open_websockets',
    'Open websockets and uploads; with Traefik, connections to backends of any kind.',
    () => {
      return sources.open().websockets ?? undefined;
    },
  );
  gauge('signalbox_connected_people', 'People with one of these open, by the user in the data of the routes.', () => {
    return sources.open().people ?? undefined;
  });
  counter('signalbox_reloads_total', 'Reloads of the proxy since this daemon started.', () => sources.proxy().reloads);
  counter(
    'signalbox_activity_lines_total',
    'Lines of access logs that were read, less those that tell of no request to a route.',
    () => sources.activity()?.lines,
  );
  counter('signalbox_activity_unreadable_lines_total', 'Lines that are not of their format.', () => {
    return sources.activity()?.unreadable;
  });

  function counter(name: string, help: string, read: () => number | undefined): void {
    sampledCounter(registers, name, help, () => read() ?? 0);
  }

  function gauge(name: string, help: string, read: () => number | undefined): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read();
        // No sample at all where it can't be known: 0 would be a claim.
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  }
}
