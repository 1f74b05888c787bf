import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { which } from '../../../scripts/setup/run.mjs';
import { runProcess } from '../../support/process.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { BIG, describeClient, type Stage } from './stage.ts';

describeIf(which('go'), 'go is not installed', "Go's net/http", () => {
  const program = join(makeTempDir(), 'go-client');

  beforeAll(async () => {
    // Nothing but the standard library, which is compiled the first time.
    const build = ['build', '-o', program, join(import.meta.dirname, 'go-client/main.go')];
    const { code, output } = await runProcess('go', build, { env: { GOFLAGS: '-mod=mod' }, timeout: 240_000 });
    if (code !== 0) throw new Error(output);
  }, 250_000);

  for (const tls of [false, true]) {
    const body = (stage: Stage) => {
      test('kept connections, bodies, streams, an error page', async () => {
        const trust = stage.ca === '' ? [] : [stage.ca];
        const { code, stdout, output } = await runProcess(program, [stage.url, String(BIG), ...trust]);
        if (code !== 0) throw new Error(output);
        const { sha256, ...result } = JSON.parse(stdout);
        const uploaded = { bytes: BIG, sha256 };
        expect(result).toEqual({
          ...{ many: 20, upload: uploaded, stream: uploaded, download: BIG, lost: 404 },
          version: tls ? 'HTTP/2.0' : 'HTTP/1.1',
        });
      });
    };
    describeClient(`${tls ? 'with' : 'without'} TLS, through`, body, { tls });
  }
});
