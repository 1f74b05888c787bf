import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { testAsRoot } from '../../support/skip.ts';
import { type HostileTraefik, makeHostileTraefik, OWN, type Ways } from '../../support/surroundings/hostile-traefik.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { describeEachScene, isReady, type Scene, status } from '../scene.ts';

async function startSidecar(
  { start, proxy }: Scene,
  { ways = {} as Ways, args = [] as string[], owner = undefined as HostileTraefik | undefined } = {},
) {
  owner ??= await makeHostileTraefik(proxy.path, ways);
  const traefik = await owner.start();
  const signalbox = await start({
    whenReady: false,
    args: ['--no-managed', '--traefik-dir', owner.dir, '--traefik-url', owner.url, '--apply-timeout', '3s', ...args],
  });
  return { owner, traefik, signalbox };
}

async function reason(signalbox: Signalbox): Promise<string> {
  return (await signalbox.api('GET', '/readyz')).json<{ reason?: string }>().reason ?? '';
}

/** The routes are 404 for users, so everything of Signalbox says that they are not served, and why. */
async function isHonest(signalbox: Signalbox, owner: HostileTraefik, why: RegExp) {
  const { url } = await startBackend();
  const answer = await signalbox.api('POST', '/api/routes/user/ada', { target: url });
  expect((await owner.get('/user/ada/')).status).toBe(404);
  expect([answer.status, answer.text()]).toEqual([503, expect.stringMatching(why)]);
  expect(await isReady(signalbox)).toBe(false);
  expect(await reason(signalbox)).toMatch(why);
  expect((await status(signalbox)).lastError?.message).toMatch(why);
}

/** A copy of our router.yml with a change. */
function templatesWith(change: (text: string) => string) {
  const dir = makeTempDir();
  mkdirSync(join(dir, 'traefik'));
  const file = join(dir, 'traefik/router.yml');
  const ours = readFileSync(join(import.meta.dirname, '../../../templates/traefik/router.yml'), 'utf8');
  writeFileSync(file, change(ours));
  return { dir, change: (next: (text: string) => string) => writeFileSync(file, next(ours)) };
}

const broken = (text: string) => text.replace('router.rule', 'router.rule | append: ")"');
const NOBODY = { basicAuth: { users: ['nobody:$apr1$x$x'] } };

describeEachScene(
  'a 201 beside a Traefik of somebody else',
  (scene) => {
    const LEFT_OUT = /Traefik has our file, but not our routes/;

    it.each([
      ['a middleware that is not there', ['--traefik-middlewares', 'greet@file,nothere@file'], LEFT_OUT],
      ['flat, too', ['--traefik-middlewares', 'nothere@file', '--no-traefik-tree'], LEFT_OUT],
      ['an unknown matcher', ['--traefik-rule', 'Hosst(`127.0.0.1`)'], LEFT_OUT],
      ['a rule that is none', ['--traefik-rule', 'Host(`127.0.0.1`) &&'], LEFT_OUT],
      ['an entry point that is not there', ['--traefik-entry-points', 'wbe'], /entry point/],
      ['TLS options that are not there', ['--traefik-tls-options', 'nothere@file'], /what its TLS needs/],
      ['a resolver that is not there', ['--traefik-cert-resolver', 'nothere'], /what its TLS needs/],
    ])('is not said for routes that Traefik left out: %s', async (_, args, why) => {
      const { owner, signalbox } = await startSidecar(scene, { args });
      await isHonest(signalbox, owner, why);
      await signalbox.stop();
    });

    it('is not said where rules of another syntax are the default', async () => {
      const { signalbox } = await startSidecar(scene, {
        ways: { static: { core: { defaultRuleSyntax: 'v2' } } },
      });
      const answer = await signalbox.api('POST', '/api/routes/user/ada', { target: 'http://127.0.0.1:9' });
      expect([answer.status, answer.text()]).toEqual([503, expect.stringMatching(LEFT_OUT)]);
      await signalbox.stop();
    });

    it('is not said while another file in the folder is broken', async () => {
      const { owner, signalbox } = await startSidecar(scene);
      await until(() => isReady(signalbox), { what: 'Signalbox to find Traefik' });
      owner.write('broken.yml', 'http: [');
      await isHonest(signalbox, owner, /a file in it is broken/);
      await signalbox.stop();
    });

    it('is not said where the entry point lets nobody ask', async () => {
      const ways = { http: { middlewares: ['auth@file'] } };
      const { owner, signalbox } = await startSidecar(scene, { ways });
      owner.write('auth.yml', { http: { middlewares: { auth: NOBODY } } });
      const answer = await signalbox.api('POST', '/api/routes/user/ada', { target: 'http://127.0.0.1:9' });
      expect([answer.status, answer.text()]).toEqual([503, expect.stringMatching(/status 401/)]);
      await signalbox.stop();
    });

    it('is told with what Traefik says, where its API may be asked', async () => {
      const owner = await makeHostileTraefik(scene.proxy.path);
      const args = ['--traefik-middlewares', 'nothere@file', '--traefik-api', owner.api];
      const { signalbox } = await startSidecar(scene, { owner, args });
      await isHonest(signalbox, owner, /signalbox-root@file: middleware .*nothere@file.* does not exist/);
      await signalbox.stop();
    });

    it('ends when a middleware goes, and comes back with it', async () => {
      const { owner, signalbox } = await startSidecar(scene, { args: ['--traefik-middlewares', 'greet@file'] });
      await signalbox.add('/user/ada', (await startBackend()).url);
      owner.write('own.yml', {
        http: { routers: OWN.http.routers, middlewares: { renamed: OWN.http.middlewares.greet } },
      });
      await until(async () => !(await isReady(signalbox)), { what: 'Signalbox to see it', timeout: 5_000 });
      await until(async () => LEFT_OUT.test(await reason(signalbox)), { what: 'the reason' });
      await isHonest(signalbox, owner, LEFT_OUT);
      owner.write('own.yml', OWN);
      await until(() => isReady(signalbox), { what: 'Signalbox to see it back' });
      expect((await owner.get('/user/ada/')).status).toBe(200);
      await signalbox.stop();
    });

    it('does not depend on what middlewares answer to strangers', async () => {
      const owner = await makeHostileTraefik(scene.proxy.path);
      owner.write('auth.yml', {
        http: { middlewares: { auth: NOBODY, here: { ipAllowList: { sourceRange: ['192.0.2.1'] } } } },
      });
      const own = templatesWith((text) => text.replace('middlewares: {{', 'middlewares: [here@file]\n#{{'));
      const args = ['--traefik-middlewares', 'auth@file'];
      const { signalbox } = await startSidecar(scene, { owner, args });
      await signalbox.add('/user/ada', (await startBackend()).url);
      expect((await owner.get('/user/ada/')).status).toBe(401);
      await signalbox.stop();
      const other = await startSidecar(scene, { owner, args: ['--templates', own.dir] });
      await other.signalbox.add('/user/ada', (await startBackend()).url);
      expect((await owner.get('/user/ada/')).status).toBe(403);
      await other.signalbox.stop();
    });

    it('is not said for a template with a mistake; the last good one comes back', async () => {
      const own = templatesWith(broken);
      const { owner, signalbox } = await startSidecar(scene, { args: ['--templates', own.dir] });
      await isHonest(signalbox, owner, LEFT_OUT);
      own.change((text) => `# mended\n${text}`);
      await until(() => isReady(signalbox), { what: 'the mended template' });
      expect((await owner.get('/user/ada/')).status).toBe(200);

      own.change(broken);
      const problem = async () =>
        (await signalbox.api('GET', '/status')).json<{ templates: { error: { message: string } | null } }>().templates
          .error;
      await until(async () => LEFT_OUT.test((await problem())?.message ?? ''), { what: 'it to be refused' });
      await until(() => isReady(signalbox), { what: 'the last good one' });
      await signalbox.add('/user/bob', (await startBackend()).url);
      expect((await owner.get('/user/bob/')).status).toBe(200);
      await signalbox.stop();
    });

    it('is not said for a single route that was left out, where the API of Traefik may be asked', async () => {
      const owner = await makeHostileTraefik(scene.proxy.path);
      const own = templatesWith((text) =>
        text
          .replace('router.rule', 'rule')
          .replace(
            /^/,
            '{%- assign rule = router.rule %}{% if router.name contains "ada" %}{% assign rule = "Hosst(1)" %}{% endif %}',
          ),
      );
      const args = ['--templates', own.dir, '--traefik-api', owner.api];
      const { signalbox } = await startSidecar(scene, { owner, args });
      await signalbox.add('/user/bob', (await startBackend()).url);
      await isHonest(signalbox, owner, /signalbox-route:\/user\/ada@file: /);
      await signalbox.stop();
    });

    const another = testAsRoot('to be two users');

    another('holds for a Traefik of another user, whose own files we leave in peace', async () => {
      const owner = await makeHostileTraefik(scene.proxy.path, { uid: 65534 });
      // As an earlier Signalbox made it.
      mkdirSync(join(owner.dir, '.signalbox'), { mode: 0o700 });
      const { signalbox } = await startSidecar(scene, { owner });
      await signalbox.add('/user/ada', (await startBackend()).url);
      expect((await owner.get('/user/ada/')).status).toBe(200);
      await signalbox.stop();
      owner.write('more.yml', { http: { routers: { more: { rule: 'Path(`/more`)', service: 'noop@internal' } } } });
      await until(async () => (await owner.get('/more')).status === 418, { what: 'his own change to be served' });
    });

    another('is not said where that one may not read our file', async () => {
      const owner = await makeHostileTraefik(scene.proxy.path, { uid: 65534 });
      const { signalbox } = await startSidecar(scene, { owner, args: ['--traefik-file-mode', '600'] });
      await isHonest(signalbox, owner, /not every user may read .*signalbox\.yml/);
      await signalbox.stop();
    });

    another('is not said where that one may not read a file of his own', async () => {
      const owner = await makeHostileTraefik(scene.proxy.path, { uid: 65534 });
      owner.write('closed.yml', {});
      chmodSync(join(owner.dir, 'closed.yml'), 0o600);
      const { signalbox } = await startSidecar(scene, { owner });
      await isHonest(signalbox, owner, /not every user may read .*closed\.yml/);
      await signalbox.stop();
    });

    it('waits for no rule with a parenthesis too many: that ends the start', async () => {
      const owner = await makeHostileTraefik(scene.proxy.path);
      await expect(
        startSidecar(scene, { owner, args: ['--traefik-rule', 'Host(`a`)) || (Host(`b`)'] }),
      ).rejects.toThrow(/traefik-rule is no rule/);
    });
  },
  ['traefik'],
);
