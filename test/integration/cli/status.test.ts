import { expect, it } from 'vitest';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { anyProxy } from '../../support/proxies.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';
import { runCli, startCli } from './run-cli.ts';

describeIf(anyNginx, `no nginx: ${missingNginx}`, 'signalbox status', () => {
  it('shows a ready daemon on one screen, with exit code 0', async () => {
    const signalbox = await startSignalbox({ proxy: anyProxy() });
    const env = { SIGNALBOX_API_URL: signalbox.apiUrl, SIGNALBOX_API_TOKEN: signalbox.token };
    const { code, out } = await runCli(['status'], env);
    expect(code).toBe(0);
    expect(out).toMatch(/^ready\nsignalbox {2,}\d+\.\d+\.\d+\S*, up for \d+s\nproxy {2,}nginx 1\.\d+\.\d+, up\n/);
    const json = JSON.parse((await runCli(['status', '--json'], env)).out);
    expect(json).toMatchObject({ ready: true, driver: 'nginx', pending: 0 });

    const colours = await runCli(['status'], env, { terminal: true });
    expect(colours.out).toContain('\u001b[32mready\u001b[0m');
    expect(out).not.toContain('\u001b');

    await signalbox.stop();
    expect(await runCli(['status'], env)).toMatchObject({ code: 3, err: expect.stringContaining('ECONNREFUSED') });
  });

  it('is not ready, with exit code 6 and the reason, while there is no proxy; --watch shows the change', async () => {
    const signalbox = await startSignalbox({
      proxy: anyProxy(),
      whenReady: false,
      args: ['--no-managed', '--apply-timeout', '300ms'],
    });
    const env = { SIGNALBOX_API_URL: signalbox.apiUrl, SIGNALBOX_API_TOKEN: signalbox.token };
    await until(async () => (await runCli(['status'], env)).out.includes('control socket'), { what: 'the reason' });
    const { code, out } = await runCli(['status'], env);
    expect([code, out]).toEqual([6, expect.stringMatching(/^not ready: nginx does not answer on its control socket/)]);

    const watching = startCli(['status', '--watch', '--json', '--interval', '50ms'], env);
    await until(() => watching.printed.out !== '', { what: 'the first state' });
    await signalbox.add('/a', 'http://127.0.0.1:9').catch(() => undefined);
    await until(() => watching.printed.out.includes('"routes":1'), { what: 'the next state' });
    watching.interrupt();
    expect((await watching.done).code).toBe(6);
    for (const line of watching.printed.out.trim().split('\n')) expect(JSON.parse(line).ready).toBe(false);
  });
});
