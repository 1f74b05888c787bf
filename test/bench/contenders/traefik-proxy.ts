import { join } from 'node:path';
import { onCleanup } from '../../support/cleanup.ts';
import { freePort } from '../../support/ports.ts';
import { isAlive } from '../../support/process-tree.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { onContendersCore } from '../machine/cores.ts';
import { memoryMb } from '../machine/usage.ts';
import type { Contender } from './contender.ts';
import { startConversation } from './conversation.ts';
import { processesOf } from './processes.ts';

export interface TraefikProxyPrograms {
  /** The Python that has jupyterhub-traefik-proxy. */
  readonly python: string;
  /** Versions of what is installed there. */
  readonly packages: Readonly<Record<string, string>>;
  /** The folder of the program `traefik`, and its version. */
  readonly traefik: { readonly folder: string; readonly version: string };
}

/** jupyterhub-traefik-proxy's file provider, which is a part of the Hub's process, and the Traefik that it starts. */
export function traefikProxy({ python, packages, traefik }: TraefikProxyPrograms): Contender {
  return {
    name: 'traefik-proxy',
    title: 'traefik-proxy, file provider',
    async start() {
      const folder = makeTempDir('signalbox-bench-');
      const url = `http://127.0.0.1:${await freePort()}`;
      const settings = {
        public_url: url,
        traefik_api_url: `http://127.0.0.1:${await freePort()}`,
        traefik_api_username: 'bench',
        traefik_api_password: 'bench',
        static_config_file: join(folder, 'traefik.toml'),
        dynamic_config_file: join(folder, 'rules.toml'),
      };
      const script = join(import.meta.dirname, 'traefik_proxy.py');
      const driver = startConversation(onContendersCore(python, [script, JSON.stringify(settings)]), {
        PATH: `${traefik.folder}:${process.env.PATH}`,
      });
      await driver.expect('imported');
      const foreignMb = memoryMb([driver.pid]);
      driver.say({});
      const traefikPid = Number(await driver.expect('started'));
      // It would outlive a driver that is killed.
      onCleanup(() => isAlive(traefikPid) && process.kill(traefikPid, 'SIGKILL'));
      const withSlash = (path: string) => `${path}/`;
      return {
        url,
        versions: { ...packages, Traefik: traefik.version },
        add: async (path, target) => void (await driver.ask({ do: 'add', path: withSlash(path), target })),
        remove: async (path) => void (await driver.ask({ do: 'remove', path: withSlash(path) })),
        async fill(routes) {
          const slashed = [...routes].map(([path, target]) => [withSlash(path), target]);
          await driver.ask({ do: 'fill', routes: Object.fromEntries(slashed) });
        },
        fillsByRequest: false,
        count: async () => Number(await driver.ask({ do: 'count' })),
        pids: () => processesOf(driver.pid),
        foreignMb,
        settle: async () => undefined,
        stop: () => driver.end(),
      };
    },
  };
}
