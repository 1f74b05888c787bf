import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { startBackend } from '../../support/backend.ts';
import { describeEachNginx } from '../../support/nginx.ts';
import { describeEachProxy, nginxProxy, proxyFlags } from '../../support/proxies.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

async function run(words: readonly string[], stdin = ''): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const io = {
    env: { HOME: makeTempDir() },
    out(text: string) {
      said.out += text;
    },
    err(text: string) {
      said.err += text;
    },
    stdin: async () => stdin,
  };
  return { code: await main(words, io), ...said };
}

function templates(files: Record<string, string>): string {
  const dir = makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, 'nginx', name)), { recursive: true });
    writeFileSync(join(dir, 'nginx', name), text);
  }
  return dir;
}

describeEachNginx('without a daemon', (nginx) => {
  it('render --diff finds what a running one has put in place, and what another setting would change', async () => {
    const backend = await startBackend();
    const signalbox = await startSignalbox({
      proxy: nginxProxy(nginx),
      args: ['--pin-interval', '300ms', '--no-activity'],
    });
    const routes = { '/user/ada': { target: backend.url }, '/a"b;{$x}': { target: backend.url } };
    expect((await signalbox.api('PUT', '/api/routes', routes)).status).toBe(200);
    // Without activity rest is enough to have all of them pinned, as render does.
    await until(() => readFileSync(current('signalbox.conf'), 'utf8').includes('upstream signalbox-1 '), {
      what: 'pins',
    });
    const file = join(makeTempDir(), 'routes.json');
    writeFileSync(file, (await signalbox.api('GET', '/api/routes')).text());
    const settings = [
      ...['--public', `127.0.0.1:${signalbox.port}`, '--api', `127.0.0.1:${signalbox.apiPort}`],
      ...['--state-dir', signalbox.stateDir, '--nginx', nginx.path, '--no-activity'],
    ];
    expect(await run(['render', '--routes', file, '--diff', ...settings])).toEqual({ code: 0, out: '', err: '' });
    const other = await run(['render', `--routes=${file}`, '--diff', '--proxy-timeout', '7s', ...settings]);
    expect(other).toMatchObject({ code: 7, err: '' });
    expect(other.out).toMatch(/\n- +proxy_read_timeout 365d;\n.*\n\+ +proxy_read_timeout 7000ms;\n/s);
    await signalbox.stop();

    function current(name: string): string {
      return join(signalbox.stateDir, 'nginx/current', name);
    }
  });

  it('render writes files into a folder, with the routes of standard input', async () => {
    const dir = join(makeTempDir(), 'new');
    const route = { target: 'http://127.0.0.1:9000' };
    const table = JSON.stringify({ '/user/ada': route, '/user//ada': route });
    const done = await run(['render', '--routes', '-', '-o', dir, '--nginx', nginx.path], table);
    expect(done).toEqual({ code: 0, out: '', err: '' });
    expect(readdirSync(dir).sort()).toEqual(['nginx.conf', 'routes.txt', 'signalbox.conf']);
    // What fits no path stands in the configuration with its key, to be compared exactly.
    const config = readFileSync(join(dir, 'signalbox.conf'), 'utf8');
    expect(config).toContain('"/user//ada" "/user//ada\\nhttp/127.0.0.1:9000";');
    expect(config).toContain('"/user/ada" "http/127.0.0.1:9000";');
    const shown = await run(['render', '--routes', '-', '--nginx', nginx.path], table);
    expect(shown.out).toContain('### routes.txt\n');
    expect(shown.out).toContain('"/user/ada" -> http/127.0.0.1:9000\n');
  });

  it('render names routes that can not be', async () => {
    const table = JSON.stringify({ '/ok': {}, user: { target: 'http://127.0.0.1:9000' } });
    expect(await run(['render', '--routes', '-'], table)).toMatchObject({
      code: 1,
      err: expect.stringContaining('"/ok"'),
    });
    const deep = JSON.stringify({ [`/${'a/'.repeat(40)}`]: { target: 'http://127.0.0.1:9000' } });
    expect((await run(['render', '--routes', '-'], deep)).err).toContain('more than 32 segments');
  });

  const check = (dir: string, ...more: string[]) =>
    run(['check', '--json', '--templates', dir, '--nginx', nginx.path, '--state-dir', join(dir, 'state'), ...more]);
  const results = ({ out }: { out: string }) =>
    Object.fromEntries(
      (JSON.parse(out) as { name: string; result: string }[]).map(({ name, result }) => [name, result]),
    );

  it('check finds all well, with a template of ones own and with ports that are in use', async () => {
    const dir = templates({ 'snippets/server.conf': 'add_header X-A "1";' });
    const done = await check(dir, '--public', '127.0.0.1:1');
    expect(done.code, done.out).toBe(0);
    expect(results(done)).toMatchObject({
      ...{ configuration: 'ok', 'state folder': 'ok', templates: 'ok', nginx: 'ok', 'nginx -t': 'ok' },
    });
    expect(readdirSync(dir)).toEqual(['nginx']);
  });

  it.each([
    [
      'a template that can not be rendered',
      { 'proxy.conf': '\n{{ x }}' },
      'templates',
      'proxy.conf:2:4: undefined variable: x',
    ],
    [
      'a variable that nobody sets',
      { 'snippets/server.conf': '# a\nif ($signalbox_nobody) { return 404; }' },
      'nginx -t',
      'snippets/server.conf:2: nginx says: unknown "signalbox_nobody" variable',
    ],
    [
      'a location that is there already',
      { 'snippets/server.conf': 'location / { return 404; }' },
      'nginx -t',
      'nginx refuses the configuration: [emerg] duplicate location "/" in signalbox.conf:',
    ],
    [
      'a snippet that nginx refuses',
      { 'snippets/http.conf': '# a\nnope on;' },
      'nginx -t',
      'snippets/http.conf:2: nginx says',
    ],
    ...[
      ['location', '\naccess_log off;', 2],
      ['location', 'if ($arg_x) {\n  access_log /dev/null combined;\n}', 2],
      ['location', 'proxy_socket_keepalive on;', 1],
      ['server', 'access_log off;', 1],
    ].map(([name, text, line]): [string, Record<string, string>, string, string] => [
      `${JSON.stringify(text)} in snippets/${name}.conf, which would end last_activity`,
      { [`snippets/${name}.conf`]: `${text}` },
      'nginx -t',
      `snippets/${name}.conf:${line}: `,
    ]),
    [
      'a route template that forgets to quote',
      { 'route.conf': '{{ key }} {{ row }};' },
      'nginx -t',
      'template route.conf:1',
    ],
  ])('check fails for %s, and says where', async (_, files, name, message) => {
    const done = await check(templates(files));
    expect(done.code).toBe(1);
    expect(JSON.parse(done.out)).toContainEqual(
      expect.objectContaining({ name, result: 'failed', message: expect.stringContaining(message) }),
    );
  });

  it('check lets logs be that harm no activity, and all where there is none', async () => {
    const beside = templates({
      'snippets/server.conf': 'access_log /dev/null combined;\nlocation = /mine { access_log off; return 204; }',
      'snippets/location.conf': 'if ($arg_x) { access_log off; }',
    });
    expect((await check(beside)).code).toBe(0);
    const off = templates({ 'snippets/location.conf': 'access_log off;' });
    expect((await check(off, '--no-activity')).code).toBe(0);
  });

  it.each([
    ['$msec $status $request_uri', 'ok'],
    ['$msec $request_uri', 'failed'],
    ['$msec $status$body_bytes_sent $request_uri', 'failed'],
  ])('check reads --activity-format %j: %s', async (format, result) => {
    const done = await check(makeTempDir(), '--activity-log', '/var/log/other.log', '--activity-format', format);
    expect(results(done)).toMatchObject({ 'activity-format': result });
  });

  it('check says what is not there, and that a configuration is wrong', async () => {
    const none = await run(['check', '--nginx', '/nowhere/nginx', '--state-dir', join(makeTempDir(), 'state')]);
    expect(none.code).toBe(1);
    expect(none.out).toMatch(/^failed +nginx +there is no nginx: "\/nowhere\/nginx" was not found \(Install nginx/m);
    expect(await run(['check', '--driver', 'caddy'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--driver'),
    });
    const odd = await check(templates({ 'snippets/sever.conf': '' }));
    expect(odd.code).toBe(0);
    expect(results(odd).templates).toBe('warning');
  });

  it('check says where templates have no effect, and a wrong configuration as JSON, too', async () => {
    const astray = makeTempDir();
    mkdirSync(join(astray, 'snippets'));
    writeFileSync(join(astray, 'snippets/server.conf'), '');
    for (const [dir, message] of [
      [astray, `did you mean ${join(astray, 'nginx/snippets')}?`],
      ['/nowhere/templates', 'there is no folder /nowhere/templates'],
    ] as const) {
      const { out } = await run(['check', '--json', '--templates', dir, '--state-dir', join(astray, 'state')]);
      expect(JSON.parse(out)).toContainEqual({
        ...{ name: 'templates', result: 'warning', message: expect.stringContaining(message) },
      });
    }
    const wrong = await run(['check', '--json', '--driver', 'caddy']);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('--driver') });
    expect(JSON.parse(wrong.out)).toEqual([
      { name: 'configuration', result: 'failed', message: expect.stringContaining('--driver') },
    ]);
  });
});

describeEachProxy(
  'without a daemon',
  (proxy) => {
    it('render --diff finds what a running one has put in place', async () => {
      const backend = await startBackend();
      const signalbox = await startSignalbox({ proxy });
      const routes = { '/user/ada': { target: backend.url }, '/a"b`{{$x}}': { target: `${backend.url}/base` } };
      expect((await signalbox.api('PUT', '/api/routes', routes)).status).toBe(200);
      const settings = [
        '--public',
        `127.0.0.1:${signalbox.port}`,
        '--state-dir',
        signalbox.stateDir,
        ...proxyFlags(proxy),
      ];
      const table = (await signalbox.api('GET', '/api/routes')).text();
      expect(await run(['render', '--routes', '-', '--diff', ...settings], table)).toEqual({
        code: 0,
        out: '',
        err: '',
      });
      const other = await run(['render', '--routes', '-', '--diff', '--change-origin', ...settings], table);
      expect(other).toMatchObject({ code: 7, out: expect.stringMatching(/\n\+ +passHostHeader: false\n/) });
      await signalbox.stop();
    });

    it('check has another one try the configuration', async () => {
      const check = (dir: string) =>
        run(['check', '--templates', dir, '--state-dir', join(dir, 'state'), ...proxyFlags(proxy)]);
      expect(await check(makeTempDir())).toMatchObject({ code: 0, out: expect.stringMatching(/^ok +rehearsal/m) });
      const broken = makeTempDir();
      mkdirSync(join(broken, 'traefik/snippets'), { recursive: true });
      writeFileSync(join(broken, 'traefik/snippets/middlewares.yml'), '    mine:\n      nosuch: 1\n');
      const done = await check(broken);
      expect(done).toMatchObject({ code: 1, out: expect.stringMatching(/^failed +rehearsal .*node: nosuch$/m) });

      const blind = makeTempDir();
      mkdirSync(join(blind, 'traefik'), { recursive: true });
      const ours = readFileSync('templates/traefik/static.yml', 'utf8');
      writeFileSync(
        join(blind, 'traefik/static.yml'),
        ours.replace('  fields:', '  filters: { minDuration: 1s }\n  fields:'),
      );
      expect(await check(blind)).toMatchObject({ code: 1, out: expect.stringContaining('last_activity comes from') });
    });
  },
  ['traefik'],
);
