import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { which } from '../../../scripts/setup/run.mjs';
import { runProcess } from '../../support/process.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { BIG, bigFile, describeClient, type Stage } from './stage.ts';

const curl = which('curl');

interface Answer {
  readonly status: number;
  readonly version: string;
  readonly body: Buffer;
}

async function run({ ca }: Stage, ...args: string[]): Promise<Answer> {
  const file = join(makeTempDir(), 'out');
  const trust = ca === '' ? [] : ['--cacert', ca];
  const { code, output, stdout } = await runProcess('curl', ['-sS', '-o', file, '-w', '%{json}', ...trust, ...args]);
  if (code !== 0) throw new Error(output);
  const { http_code, http_version } = JSON.parse(stdout);
  return { status: http_code, version: http_version, body: readFileSync(file) };
}

describeIf(curl, 'curl is not installed', 'curl', () => {
  for (const [where, tls, versions] of [
    [
      'without TLS',
      false,
      { 'HTTP/1.0': ['--http1.0'], 'HTTP/1.0 without Host': ['--http1.0', '-H', 'Host:'], 'HTTP/1.1': ['--http1.1'] },
    ],
    ['with TLS', true, { 'HTTP/1.1': ['--http1.1'], 'HTTP/2': ['--http2'] }],
  ] as const) {
    const body = (stage: Stage) =>
      describe.each(Object.entries(versions))('%s', (name, flags) => {
        test('GET and HEAD', async () => {
          const { status, version, body } = await run(stage, ...flags, `${stage.url}/x?y=z`);
          expect(status).toBe(200);
          expect(JSON.parse(body.toString())).toMatchObject({ method: 'GET', url: '/user/ada/x?y=z' });
          if (name === 'HTTP/2') expect(version).toBe('2');
          expect(await run(stage, ...flags, '-I', `${stage.url}/x`)).toMatchObject({ status: 200 });
        });

        test('uploads, with and without Expect: 100-continue', async () => {
          const { path, answer } = bigFile();
          for (const expectation of ['Expect:', 'Expect: 100-continue']) {
            const upload = ['-H', expectation, '--data-binary', `@${path}`];
            const { status, body } = await run(stage, ...flags, ...upload, `${stage.url}/upload`);
            expect(status).toBe(200);
            expect(JSON.parse(body.toString())).toEqual(answer);
          }
        });

        test('a big download, an answer in chunks, an error page', async () => {
          const { status, body } = await run(stage, ...flags, `${stage.url}/bytes/${BIG}`);
          expect([status, body.length]).toEqual([200, BIG]);
          expect((await run(stage, ...flags, `${stage.url}/chunked`)).body.toString()).toBe('one two three');
          const lost = await run(stage, ...flags, new URL('/nobody', stage.url).href);
          expect([lost.status, lost.body.length > 0]).toEqual([404, true]);
        });

        if (name === 'HTTP/1.1')
          test('an upload of unknown length', async () => {
            const { path, answer } = bigFile();
            const chunked = ['-H', 'Transfer-Encoding: chunked', '-T', path, '-X', 'POST'];
            const { body } = await run(stage, ...flags, ...chunked, `${stage.url}/upload`);
            expect(JSON.parse(body.toString())).toEqual(answer);
          });
      });
    describeClient(`${where}, through`, body, { tls });
  }
});
