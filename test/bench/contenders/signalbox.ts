import { setTimeout as delay } from 'node:timers/promises';
import type { ProxyChoice } from '../../support/proxies.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { onContendersCore } from '../machine/cores.ts';
import type { Contender } from './contender.ts';
import { processesOf } from './processes.ts';
import { RestApi } from './rest-api.ts';

// 1s: what comes by default some 10 s after routes have come to rest is to be there before the load begins.
const pins = ['--pin-interval', '1s'];

/** Signalbox with one of its proxies; `bin` is its command. */
export function signalbox(title: string, bin: string, proxy: ProxyChoice & { readonly version: string }): Contender {
  return {
    name: proxy.driver,
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
        versions: { [proxy.driver === 'nginx' ? 'nginx' : 'Traefik']: proxy.version },
        add: (path, target) => api.add(path, target),
        remove: (path) => api.remove(path),
        fill: (routes) => api.patch(routes),
        fillsByRequest: true,
        count: () => api.count(),
        // The proxy is a child of the daemon that started it.
        pids: () => processesOf(daemon.pid),
        foreignMb: 0,
        // Pinning is a reload, after an interval of rest.
        settle: () => delay(2_500),
        stop: async () => void (await daemon.stop('SIGTERM', 30_000)),
      };
    },
  };
}
