import type { ProxyChoice } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { until } from '../../support/wait.ts';
import { onContendersCore } from '../machine/cores.ts';
import type { Contender } from './contender.ts';
import { processesOf } from './processes.ts';
import { RestApi } from './rest-api.ts';

// 1s: what comes by default some 10 s after routes have come to rest is to be there before the load begins.
const pins = ['--pin-interval', '1s'];

/** Signalbox with one of its proxies; `bin` is its command. */
export function signalbox(
  name: string,
  title: string,
  bin: string,
  proxy: ProxyChoice & { readonly version: string },
): Contender {
  return {
    name,
    title,
    async start() {
      const daemon = await startSignalbox({
        proxy,
        command: onContendersCore(process.execPath, [bin, 'serve']),
        truth: 'none',
        args: ['--log-level', 'warn', ...(proxy.driver === 'nginx' ? pins : [])],
      });
      const api = new RestApi(daemon.apiUrl, daemon.token);
      return {
        url: daemon.url,
        versions: proxy.driver === 'nginx' ? {} : { Traefik: proxy.version },
        add: (path, target) => api.add(path, target),
        remove: (path) => api.remove(path),
        fill: (routes) => api.patch(routes),
        fillsByRequest: true,
        count: () => api.count(),
        // The proxy is a child of the daemon that started it.
        pids: () => processesOf(daemon.pid),
        foreignMb: 0,
        settle: () => (proxy.driver === 'nginx' ? untilPinned(daemon) : Promise.resolve()),
        stop: async () => void (await daemon.stop('SIGTERM', 30_000)),
      };
    },
  };
}

/** nginx has been told of the targets in use, and nothing follows. */
async function untilPinned(daemon: Signalbox): Promise<void> {
  let reloads = -1;
  let since = 0;
  const isDone = async () => {
    const status = (await daemon.api('GET', '/status')).json<{ reloads: number; pins: { share: number | null } }>();
    if (status.reloads !== reloads) {
      reloads = status.reloads;
      since = performance.now();
    }
    return (status.pins.share ?? 0) > 0.95 && performance.now() - since > 2_500;
  };
  await until(isDone, { what: 'the targets in use to be pinned', timeout: 30_000 });
}
