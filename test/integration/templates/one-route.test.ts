import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { startLoad } from '../../support/load.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { runCli } from '../cli/run-cli.ts';
import { describeEachSceneOnce, isReady, type Scene } from '../scene.ts';

interface Refused {
  refused: { key: string; reason: string; since: string }[];
}

const root = join(import.meta.dirname, '../../..');

/** A copy of ours that makes something else of routes whose key has such a word in it. */
function templatesWith(
  driver: string,
  file: string,
  edit: (ours: string) => string,
): { folder: string; mend: () => void } {
  const folder = makeTempDir();
  const own = join(folder, driver, file);
  const ours = readFileSync(join(root, 'templates', driver, file), 'utf8');
  mkdirSync(dirname(own), { recursive: true });
  writeFileSync(own, edit(ours));
  return { folder, mend: () => writeFileSync(own, ours) };
}

const refusedBy = async (signalbox: Signalbox) => (await signalbox.api('GET', '/status')).json<Refused>().refused;
const put = (signalbox: Signalbox, backend: Backend, keys: readonly string[]) =>
  signalbox.api('PUT', '/api/routes', Object.fromEntries(keys.map((key) => [key, { target: backend.url }])));

async function expectRefused(signalbox: Signalbox, key: string, reason: RegExp): Promise<void> {
  expect(await refusedBy(signalbox)).toEqual([
    { key, reason: expect.stringMatching(reason), since: expect.any(String) },
  ]);
  expect(await isReady(signalbox)).toBe(true);
  const metrics = (await signalbox.api('GET', '/metrics')).text();
  expect(metrics).toMatch(/^signalbox_refused_routes 1$/m);
  expect(metrics).toContain(`signalbox_refused_route{key="${key}",reason="`);
  expect(signalbox.logs()).toContain(`the proxy refuses the route ${key}, and serves the others: `);
  const env = { SIGNALBOX_API_URL: signalbox.apiUrl, SIGNALBOX_API_TOKEN: signalbox.token };
  const { code, out } = await runCli(['status'], env);
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^refused +${key}, .*${reason.source}`, 'm'));
}

async function cases(
  { start }: Scene,
  { folder, mend }: { folder: string; mend: () => void },
  reason: RegExp,
  { args = [], between = '/' }: { args?: readonly string[]; between?: string } = {},
): Promise<void> {
  const [odd, ada, eve] = ['odd', 'ada', 'eve'].map((name) => `/user${between}${name}`) as [string, string, string];
  const backend = await startBackend();
  const signalbox = await start({ args: ['--templates', folder, ...args] });
  const status = async (path: string) => (await signalbox.get(path)).status;
  await signalbox.add('/steady', backend.url);
  const load = startLoad({ url: signalbox.url, paths: ['/steady/'], connections: 2, pause: 5 });

  const bad = await signalbox.api('POST', `/api/routes${odd}`, { target: backend.url });
  expect(bad.status).toBe(503);
  expect(bad.json()).toMatchObject({
    code: 'NOT_SERVED',
    message: expect.stringMatching(new RegExp(`^stored, but the proxy refuses "${odd}": .*${reason.source}`, 's')),
  });
  await signalbox.add(ada, backend.url);
  expect([await status(`${ada}/`), await status(`${odd}/`)]).toEqual([200, 404]);
  await expectRefused(signalbox, odd, reason);

  // With many others at once.
  const many = Array.from({ length: 20 }, (_, i) => `/many${between}u${i}`);
  const posts = [...many, `/many${between}odd`].map((key) =>
    signalbox.api('POST', `/api/routes${key}`, { target: backend.url }),
  );
  const answers = await Promise.all(posts);
  expect(answers.map((answer) => answer.status)).toEqual([...many.map(() => 201), 503]);
  await signalbox.remove(`/many${between}odd`);

  // A whole table, and a daemon that comes back.
  const table = await put(signalbox, backend, ['/steady', odd, eve]);
  expect([table.status, table.text()]).toEqual([503, expect.stringContaining(`refuses \\"${odd}\\"`)]);
  expect([await status(`${eve}/`), await status(`${ada}/`)]).toEqual([200, 404]);
  expect((await load.stop()).failures).toEqual([]);
  await signalbox.stop();
  await signalbox.restart();
  expect(await status(`${eve}/`)).toBe(200);
  await expectRefused(signalbox, odd, reason);

  mend();
  await until(async () => (await refusedBy(signalbox)).length === 0, {
    what: 'the route to be taken',
    timeout: 20_000,
  });
  expect(await status(`${odd}/`)).toBe(200);
  await signalbox.stop();
}

/** An empty segment: nginx has such routes in its configuration. */
const fitNoPath = { args: ['--no-pin'], between: '//' };

describeEachSceneOnce(
  'a route of which a template of the user makes a row that nginx refuses',
  (scene) => {
    it('stops no other, whatever comes with it, and is served when the template is mended', async () => {
      const broken = '{% if key contains "odd" %}  one two three four;\n{% else %}';
      const templates = templatesWith('nginx', 'route.conf', (ours) => `${broken}${ours}{% endif %}`);
      await cases(scene, templates, /invalid number of/, fitNoPath);
    });

    it('the same where the template itself fails', async () => {
      const broken = '{% if key contains "odd" %}{{ nobody }}{% endif %}';
      const templates = templatesWith('nginx', 'route.conf', (ours) => `${broken}${ours}`);
      await cases(scene, templates, /undefined variable: nobody/, fitNoPath);
    });
  },
  ['nginx'],
);

describeEachSceneOnce(
  'a route of which a template of the user makes a router that Traefik refuses',
  (scene) => {
    it.each<[string, RegExp, string]>([
      [
        'it names',
        /odd.*NoSuch/,
        '{% if router.name contains "route:" and router.name contains "odd" %}    {{ router.name | yaml }}: { rule: "NoSuch(`x`)", service: noop@internal, entryPoints: ["public"] }\n{% else %}',
      ],
      [
        'it does not name',
        /yaml/i,
        '{% if router.name contains "route:" and router.name contains "odd" %}    "a: {\n{% else %}',
      ],
    ])('stops no other: one that %s', async (_, reason, broken) => {
      const templates = templatesWith('traefik', 'router.yml', (ours) => `${broken}${ours}{% endif %}`);
      await cases(scene, templates, reason);
    });
  },
  ['traefik'],
);

describeEachSceneOnce(
  'a route whose link can not be made',
  ({ start }) => {
    it('stops no other, and is served when it can', async () => {
      const backend = await startBackend();
      const signalbox = await start({ args: ['--no-pin'] });
      await signalbox.add('/user/ada', backend.url);
      const run = join(signalbox.stateDir, 'nginx/run');
      const table = readdirSync(run).find((name) => name.startsWith('table-')) as string;
      // Somebody put a folder where the link belongs.
      const inTheWay = join(run, table, '2/user/odd');
      mkdirSync(inTheWay);
      const bad = await signalbox.api('POST', '/api/routes/user/odd', { target: backend.url });
      expect([bad.status, bad.text()]).toEqual([503, expect.stringContaining('refuses \\"/user/odd\\": the link of')]);
      await signalbox.add('/user/eve', backend.url);
      await signalbox.remove('/user/ada');
      await expectRefused(signalbox, '/user/odd', /the link of \/user\/odd cannot be made: EISDIR/);
      // More than one change: the new table is another folder.
      const again = await put(signalbox, backend, ['/user/odd', '/user/new']);
      expect(again.status).toBe(200);
      expect((await signalbox.get('/user/odd/')).status).toBe(200);
      expect(await refusedBy(signalbox)).toEqual([]);
      await signalbox.stop();
    });
  },
  ['nginx'],
);
