import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensurePythonClients } from '../../../scripts/setup/python-clients.mjs';
import { runProcess } from '../../support/process.ts';
import { describeIf } from '../../support/skip.ts';
import { BIG, describeClient, type Stage } from './stage.ts';

const { bin, reason } = await ensurePythonClients({ fetch: false });

/** What the client of that name met with; clients.py says what it does. */
async function play(client: string, { url, ca }: Stage): Promise<Record<string, unknown>> {
  const script = join(import.meta.dirname, 'clients.py');
  const args = [script, client, url, String(BIG), ...(ca === '' ? [] : [ca])];
  const { code, stdout, output } = await runProcess(join(bin ?? '', 'python'), args);
  if (code !== 0) throw new Error(output);
  const { sha256, ...result } = JSON.parse(stdout);
  return { ...result, expected: { bytes: BIG, sha256 } };
}

describeIf(bin, `no HTTP clients in Python: ${reason}`, 'Python', () => {
  for (const tls of [false, true]) {
    const body = (stage: Stage) => {
      test.each(['requests', 'aiohttp', 'httpx'])(
        '%s: kept connections, bodies, streams, an error page',
        async (client) => {
          const { expected, ...result } = await play(client, stage);
          expect(result).toMatchObject({ many: 20, upload: expected, stream: expected, download: BIG, lost: 404 });
          if (client === 'aiohttp') expect(result.echo).toBe('hello');
          if (client === 'httpx') expect(result.version).toBe(tls ? 'HTTP/2' : 'HTTP/1.1');
        },
      );

      if (tls) return;
      test('websockets: small and big messages, a ping, a refusal, the close', async () => {
        expect(await play('websockets', stage)).toMatchObject({ echo: 'hello', big: true, refused: 403, code: 1000 });
      });
    };
    describeClient(`${tls ? 'with' : 'without'} TLS, through`, body, { tls });
  }
});
