import { expect, it } from 'vitest';
import { run } from '../../../src/process/run.ts';

it('tells what a program printed, and how it ended', async () => {
  const script = 'read line; echo "out $line"; echo err >&2; exit 3';
  expect(await run('sh', ['-c', script])).toEqual({
    stdout: 'out \n',
    stderr: 'err\n',
    failure: 'it ended with status 3',
    code: undefined,
  });
  expect((await run('true', [])).failure).toBeUndefined();
  expect((await run('sh', ['-c', 'kill -TERM $$'])).failure).toBe('it ended with SIGTERM');
});

it('gives it the environment that it is given, and no other', async () => {
  const { stdout } = await run('/usr/bin/env', [], { env: { ONLY: 'this' } });
  expect(stdout).toBe('ONLY=this\n');
});

it('says that a program is missing', async () => {
  expect(await run('/no/such/program', [])).toMatchObject({ failure: 'spawn /no/such/program ENOENT', code: 'ENOENT' });
});

it('ends what takes too long', async () => {
  const started = Date.now();
  expect((await run('sleep', ['600'], { limitMs: 200 })).failure).toBe('it did not end within 0.2 s');
  expect(Date.now() - started).toBeLessThan(5_000);
});

it('keeps the end of a long output', async () => {
  const { stdout, failure } = await run('sh', ['-c', 'seq 1 100000; echo the end']);
  expect(failure).toBeUndefined();
  expect(stdout).toHaveLength(64 * 1024);
  expect(stdout).toMatch(/100000\nthe end\n$/);
});

it('hands lines on as they come, and keeps none', async () => {
  const lines: string[] = [];
  const { stdout } = await run('seq', ['1', '50000'], { onLine: (line) => lines.push(line) });
  expect(stdout).toBe('');
  expect(lines).toHaveLength(50_000);
  expect(lines.at(-1)).toBe('50000');
});
