import { expect, test } from 'vitest';
import { runProcess } from '../../support/process.ts';
import { bigFile, describeProgram } from './stage.ts';

/** HTTP/1.0, with the keep-alive of those days. */
describeProgram('ab', 'ApacheBench', (stage, ab) => {
  test.each([
    ['a connection for each request', [], 0],
    ['kept connections', ['-k'], 200],
  ])('%s', async (_, flags, kept) => {
    const { output } = await runProcess(ab, ['-n', '200', '-c', '4', ...flags, `${stage.url}/bytes/1000`]);
    expect(output).toMatch(/Complete requests: +200\n/);
    expect(output).toMatch(/Failed requests: +0\n/);
    expect(output).not.toContain('Non-2xx');
    expect(Number(/Keep-Alive requests: +(\d+)/.exec(output)?.[1] ?? 0)).toBe(kept);
  });

  test('uploads', async () => {
    const { path, answer } = bigFile();
    const upload = ['-n', '4', '-c', '2', '-p', path, '-T', 'application/octet-stream'];
    const { output } = await runProcess(ab, [...upload, `${stage.url}/upload`]);
    expect(output).toMatch(/Complete requests: +4\n/);
    expect(output).not.toContain('Non-2xx');
    expect(stage.backend.seen.slice(-4).map(({ bodySha256 }) => bodySha256)).toEqual(Array(4).fill(answer.sha256));
  });
});
