import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isPortFree } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

/** The cheapest backend there is, an nginx that answers from memory. */
export interface StaticBackend {
  /** The address of user number n: each has one of its own, as single-user servers have. */
  targetOf(n: number): string;
}

export async function startStaticBackend(nginx: string): Promise<StaticBackend> {
  const folder = makeTempDir('signalbox-bench-');
  const port = await freePort();
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'nginx.conf'), configuration(port));
  const child = startProcess(nginx, ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr']);
  await until(async () => child.exit() !== undefined || !(await isPortFree(port)), { what: 'the backend to listen' });
  if (child.exit()) throw new Error(`the backend ended: ${child.output()}`);
  // All of 127.0.0.0/8 is this machine: a million addresses for one listening socket.
  return { targetOf: (n) => `http://127.${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}:${port}` };
}

/** Without a master: one process to start, and one to stop. */
function configuration(port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 100000000;
  ${temporary.map((name) => `${name}_temp_path ${name};`).join('\n  ')}
  server { listen ${port}; location / { return 200 "ok"; } }
}
`;
}
