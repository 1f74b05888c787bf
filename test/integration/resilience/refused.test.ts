import { readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { startLoad } from '../../support/load.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { describeEachSceneOnce, isReady, status } from '../scene.ts';

describeEachSceneOnce(
  'a configuration that nginx refuses',
  ({ start }) => {
    async function scene() {
      const backend = await startBackend();
      const signalbox = await start({ args: ['--no-pin', '--apply-timeout', '6s'] });
      await signalbox.add('/steady', backend.url);
      const current = () => readlinkSync(join(signalbox.stateDir, 'nginx/current'));
      // nginx wants it to be a folder.
      const temporary = join(signalbox.stateDir, 'nginx/tmp');
      return { backend, temporary, signalbox, current };
    }

    it('is never swapped in: the last good one serves on, the reason shows, and mending it is enough', async () => {
      const { backend, temporary, signalbox, current } = await scene();
      const load = startLoad({ url: signalbox.url, paths: ['/steady/'], connections: 2, pause: 5 });
      const good = current();
      const { reloads } = await status(signalbox);
      renameSync(temporary, `${temporary}.away`);
      writeFileSync(temporary, '');
      // A depth that was not in use before: a new configuration.
      const answer = await signalbox.api('POST', '/api/routes/a/b/c/d/e', { target: backend.url });
      expect(answer.status).toBe(503);
      expect(answer.json()).toMatchObject({
        code: 'NOT_SERVED',
        message: expect.stringMatching(/not served within 6 s: nginx refuses the configuration: .*\/tmp\//),
      });
      expect(current()).toBe(good);
      expect((await signalbox.get('/a/b/c/d/e/')).status).toBe(404);
      expect(await status(signalbox)).toMatchObject({
        reloads,
        lastError: { message: expect.stringContaining('/tmp/') },
      });
      expect((await signalbox.api('GET', '/readyz')).text()).toContain('nginx refuses the configuration');
      expect(signalbox.logs()).toContain('nginx refuses the configuration');
      const metrics = (await signalbox.api('GET', '/metrics')).text();
      expect(Number(/^signalbox_apply_failures_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0);

      rmSync(temporary);
      renameSync(`${temporary}.away`, temporary);
      await until(() => isReady(signalbox), { what: 'the route to be served' });
      expect((await signalbox.get('/a/b/c/d/e/')).status).toBe(200);
      expect((await load.stop()).failures).toEqual([]);
      await signalbox.stop();
    });
  },
  ['nginx'],
);

describeEachSceneOnce('a renewed certificate authority that cannot be read', ({ start }) => {
  it('is not taken up: backends are trusted as before, the reason shows, and mending it is enough', async () => {
    const [{ key, cert }, other] = [makeCertificate('one'), makeCertificate('other')];
    const [backend, second] = [await startBackend({ tls: { key, cert } }), await startBackend({ tls: other })];
    const ca = join(makeTempDir(), 'ca.pem');
    writeFileSync(ca, cert);
    const signalbox = await start({ args: ['--no-pin', '--client-ssl-ca', ca] });
    await signalbox.add('/steady', backend.url);
    await signalbox.add('/second', second.url);
    const trusted = async (path: string) => (await signalbox.get(path)).status === 200;
    expect([await trusted('/steady/'), await trusted('/second/')]).toEqual([true, false]);
    const load = startLoad({ url: signalbox.url, paths: ['/steady/'], connections: 2, pause: 20 });
    writeFileSync(ca, 'no certificate');
    signalbox.kill('SIGHUP');
    const reason = `${ca} holds no certificate that can be read (PEM)`;
    await until(() => signalbox.logs().includes(reason), { what: 'the reason in the log' });
    await signalbox.add('/next', backend.url);
    expect(await trusted('/next/')).toBe(true);
    writeFileSync(ca, `${cert}${other.cert}`);
    await until(() => trusted('/second/'), { what: 'the mended file to be taken up' });
    expect((await load.stop()).failures).toEqual([]);
    await signalbox.stop();
  });
});
