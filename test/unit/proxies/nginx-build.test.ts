import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { offlineRendering } from '../../../src/proxies/nginx/offline-rendering.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { load } from '../config/load-with.ts';

/** The configuration for an nginx that says this of itself. */
async function renderFor(says: string, ...flags: string[]): Promise<string> {
  const nginx = join(makeTempDir(), 'nginx');
  writeFileSync(nginx, `#!/bin/sh\necho '${says}' >&2\n`, { mode: 0o755 });
  const env = { SIGNALBOX_API_TOKEN: 'a-token' };
  const { config } = load({ env, argv: ['--no-managed', '--nginx', nginx, ...flags] });
  const { rendering } = await offlineRendering(config);
  const shape = { depths: [], https: false, lookups: [], rows: 0, longestKey: 0, settled: undefined };
  return rendering.configOf(() => shape, []).files['signalbox.conf'] ?? '';
}

it('what an nginx was built without is not switched off in its configuration', async () => {
  const usual = await renderFor('nginx version: nginx/1.22.1\nconfigure arguments: --with-http_ssl_module');
  for (const line of ['charset off;', 'gzip off;', 'mirror off;', 'proxy_cache off;', 'ssi off;']) {
    expect(usual).toContain(line);
  }
  const without = ['http_charset_module', 'http_gzip_module', 'http_mirror_module', 'http-cache', 'http_ssi_module'];
  const small = await renderFor(
    `nginx version: nginx/1.22.1\nconfigure arguments: ${without.map((part) => `--without-${part}`).join(' ')}`,
  );
  expect(small).not.toMatch(/^\s*(?:charset|gzip|mirror|proxy_cache|ssi) /m);
});
