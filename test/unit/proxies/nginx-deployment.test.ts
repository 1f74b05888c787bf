import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Deployment } from '../../../src/proxies/nginx/deployment.ts';
import type { NginxHost } from '../../../src/proxies/nginx/host.ts';
import { Links } from '../../../src/proxies/nginx/links.ts';
import { ensureFolder } from '../../../src/system/files.ts';
import { makeTempDir } from '../../support/tmp.ts';

const log = { info() {}, error() {} };

/** An nginx that dies of being reloaded: the moment between its death and the daemon's hearing of it. */
function dyingHost(): NginxHost {
  return {
    up: true,
    restarts: 0,
    canReload: true,
    prepare: async () => {},
    ensureUp: async () => {},
    async reload() {
      Object.assign(this, { up: false });
    },
    reopenLogs: () => true,
    test: async () => undefined,
    workers: () => [],
    takeRefusals: () => [],
    stop: async () => {},
  };
}

it('does not wait for an answer of an nginx that ended during its reload', async () => {
  const dir = makeTempDir();
  ensureFolder(join(dir, 'run'), 0o700);
  const links = new Links(join(dir, 'run'));
  links.open();
  const control = { servedAfresh: () => Promise.reject(new Error('connection refused')) };
  const deployment = new Deployment({ dir, links, host: dyingHost(), control: control as never, log });
  const started = Date.now();
  await expect(deployment.deploy({ version: 'abc', files: { 'nginx.conf': '' } }, [])).rejects.toMatchObject({
    code: 'PROXY_DOWN',
  });
  expect(Date.now() - started).toBeLessThan(2_000);
});
