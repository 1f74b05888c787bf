import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { until } from '../../support/wait.ts';
import { inParallel } from '../load/in-parallel.ts';
import { onContendersCore } from '../machine/cores.ts';
import type { Contender } from './contender.ts';
import { processesOf } from './processes.ts';
import { RestApi } from './rest-api.ts';

const folder = resolve(import.meta.dirname, '../../../node_modules/configurable-http-proxy');

/** What JupyterHub starts unless told otherwise. */
export const chp: Contender = {
  name: 'chp',
  title: 'configurable-http-proxy',
  async start() {
    const [port, apiPort] = [await freePort(), await freePort()];
    const token = randomBytes(16).toString('hex');
    const listen = ['--ip', '127.0.0.1', '--port', `${port}`, '--api-ip', '127.0.0.1', '--api-port', `${apiPort}`];
    // As JupyterHub starts it, but for its log: one line a route would be measured too.
    const script = [join(folder, 'bin/configurable-http-proxy'), ...listen, '--log-level', 'warn'];
    const [command, ...args] = onContendersCore(process.execPath, script);
    const child = startProcess(command, args, { env: { CONFIGPROXY_AUTH_TOKEN: token, NODE_ENV: 'production' } });
    const api = new RestApi(`http://127.0.0.1:${apiPort}`, token);
    await until(async () => (await api.count()) === 0, { what: 'configurable-http-proxy to answer' });
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return {
      url: `http://127.0.0.1:${port}`,
      versions: { 'configurable-http-proxy': version },
      add: (path, target) => api.add(path, target),
      remove: (path) => api.remove(path),
      fill: (routes) => inParallel(10, [...routes], ([path, target]) => api.add(path, target)),
      fillsByRequest: false,
      count: () => api.count(),
      pids: () => processesOf(child.pid),
      foreignMb: 0,
      settle: async () => undefined,
      stop: async () => void (await child.stop()),
    };
  },
};
