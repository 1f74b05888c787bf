import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { describeEachNginx } from '../../support/nginx.ts';
import { freePort } from '../../support/ports.ts';
import { runProcess } from '../../support/process.ts';
import { nginxProxy } from '../../support/proxies.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';

function folderWith(name: string, text: string): string {
  const dir = makeTempDir();
  mkdirSync(join(dir, 'nginx'));
  writeFileSync(join(dir, 'nginx', name), text);
  return dir;
}

describeEachNginx('templates of your own', (nginx) => {
  it('replace ours of the same name, and the others stay', async () => {
    const templates = folderWith('error.html', '<p>no "{{ code }}" $here; {{ text }}</p>');
    const signalbox = await startSignalbox({ proxy: nginxProxy(nginx), args: ['--templates', templates] });
    const backend = await startBackend({});
    await signalbox.add('/user/ada', backend.url);
    expect((await signalbox.get('/user/ada/status/200')).status).toBe(200);
    const missing = await signalbox.get('/nobody');
    expect(missing.status).toBe(404);
    expect(missing.text()).toBe('<p>no "404" $here; No route leads here.</p>');
    await signalbox.stop();
  });

  it('that cannot be rendered end the start, with file, line and reason', async () => {
    const templates = folderWith('error.html', '<p>\n  {{ nobody }}</p>');
    const [port, apiPort] = [await freePort(), await freePort()];
    const args = ['--public', `127.0.0.1:${port}`, '--api', `127.0.0.1:${apiPort}`, '--nginx', nginx.path];
    const stateDir = join(makeTempDir(), 'state');
    const ended = await runProcess(process.execPath, [
      BIN,
      ...['serve', ...args, '--templates', templates, '--state-dir', stateDir],
    ]);
    expect(ended.code).toBe(1);
    expect(ended.output).toMatch(/template error\.html:2:\d+: undefined variable: nobody/);
  });
});
