import { dirname, join } from 'node:path';
import { run } from '../../../scripts/setup/run.mjs';
import { ensureVenv } from '../../../scripts/setup/venv.mjs';
import { anyNginx, missingNginx, testNginxes } from '../../support/nginx.ts';
import { missingTraefik, testTraefik } from '../../support/traefik.ts';
import { chp } from './chp.ts';
import type { Contender } from './contender.ts';
import { buildPackage } from './package.ts';
import { signalbox } from './signalbox.ts';
import { traefikProxy } from './traefik-proxy.ts';

/** The contenders that this machine has, in the order of the report, and why the others are missing. */
export interface Field {
  readonly contenders: readonly Contender[];
  readonly missing: readonly string[];
}

export async function findContenders(): Promise<Field> {
  const contenders = [chp];
  const missing: string[] = [];
  const bin = await buildPackage();
  // That of the distribution, and the newest: how nginx was built makes a difference for each request.
  for (const nginx of new Set([testNginxes[0] ?? anyNginx, testNginxes.at(-1)])) {
    if (!nginx) continue;
    const name = contenders.length === 1 ? 'nginx' : `nginx-${nginx.version}`;
    contenders.push(signalbox(name, `Signalbox, nginx ${nginx.version}`, bin, { driver: 'nginx', ...nginx }));
  }
  if (contenders.length === 1) missing.push(`Signalbox on nginx: ${missingNginx}`);

  if (testTraefik) {
    contenders.push(signalbox('traefik', 'Signalbox, Traefik', bin, { driver: 'traefik', ...testTraefik }));
    const venv = await ensureVenv({
      name: 'traefik-proxy-venv',
      what: 'jupyterhub-traefik-proxy for the benchmark',
      requirements: ['jupyterhub==5.5.4', 'jupyterhub-traefik-proxy==2.1.0'],
      modules: ['jupyterhub_traefik_proxy'],
    });
    if (venv.bin) {
      const python = join(venv.bin, 'python');
      const traefik = { folder: dirname(testTraefik.path), version: testTraefik.version };
      contenders.push(traefikProxy({ python, packages: await packagesOf(python), traefik }));
    } else missing.push(`traefik-proxy: ${venv.reason}`);
  } else missing.push(`Signalbox on Traefik, traefik-proxy: ${missingTraefik}`);
  return { contenders, missing };
}

async function packagesOf(python: string): Promise<Record<string, string>> {
  const names = ['jupyterhub', 'jupyterhub-traefik-proxy'];
  const code = `import importlib.metadata as m, json, platform, sys
print(json.dumps({'Python': platform.python_version(), **{name: m.version(name) for name in sys.argv[1:]}}))`;
  return JSON.parse((await run(python, ['-c', code, ...names])).output);
}
