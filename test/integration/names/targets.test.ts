import { expect, it } from 'vitest';
import { type Backend, type Seen, startBackend } from '../../support/backend.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { asTraefikWrites } from '../../support/traefik-writing.ts';
import { describeEachSceneOnce, inParallel, type Scene } from '../scene.ts';
import { withEditedTemplates } from '../templates/edited.ts';

/** What stands behind the backend's URL. */
const ENDS = [
  ...['/', '/base', '/base/', '//double//', '/$uri', '/$1$2', '/"quote"', "/it's", '/a;b', '/{x}'],
  ...[
    '/{{ x }}',
    '/back\\slash',
    '/a b',
    '/a\tb',
    '/a\nb',
    '/#fragment',
    '/?',
    '/?k=v',
    '/?k=$args&x="',
    '?a=b',
    '/x?y?z',
    '/-',
  ],
  ...[
    '/none',
    '/.',
    '/..',
    '/a/../b',
    '/%00',
    '/%2F',
    '/%0a',
    '/%zz',
    '/%',
    '/é',
    '/🚂',
    '/a,b:c',
    '/~',
    '/|',
    '/`',
    '/^x$',
  ],
  ...['/"; } server { listen 1; } #', `/${'p'.repeat(255)}`, `/${'p'.repeat(256)}`, `/${'p/'.repeat(400)}`, '/\u202e'],
  ...[`/${'q'.repeat(3_000)}`, `/${'q'.repeat(9_000)}`, `/?${'k=v&'.repeat(700)}`, '/a?b/../c', '/table-1', '/=1'],
];

/** Targets that lead to no backend of ours, whatever is made of them. */
const NOWHERE = [
  ...[
    '',
    ' ',
    'x',
    'http',
    'http:',
    'http://',
    'http:///',
    '//127.0.0.1:9',
    '127.0.0.1:9',
    'ftp://127.0.0.1:9',
    'file:///etc',
  ],
  ...[
    'javascript:alert(1)',
    'http://$host:9',
    'http://a b:9',
    'http://";:9',
    'http://{}:9',
    'http://a\\b:9',
    'http://[::1',
    'http://[]:9',
  ],
  ...[
    'http://127.0.0.1:99999',
    'http://127.0.0.1:-1',
    'http://127.0.0.1:x',
    'http://user:p"a$s;s@127.0.0.1:9/',
    'http://.:9',
    'http://..:9',
  ],
  ...[
    'http://-:9',
    'http://_x.invalid:9',
    'http://a,b.invalid:9',
    'http://é.invalid:9',
    'http://xn--.invalid:9',
    'http://*:9',
    'http://%24:9',
  ],
  ...[
    "http://a'b.invalid:9",
    'http://a`b.invalid:9',
    'http://$signalbox_target.invalid:9',
    'http://a(b)!~.invalid:9',
    'http://a&b=c.invalid:9',
  ],
  ...[
    `http://${'h'.repeat(300)}:9`,
    `http://${'h.'.repeat(200)}invalid:9`,
    'http://0:9',
    'http://0x7f.1:9',
    'http://[fe80::1%25eth0]:9',
  ],
  ...[
    'http+unix://',
    'http+unix://%2F',
    'http+unix://%2Ftmp%2Fa%3Ab',
    'http+unix://%2Ftmp%2F$x;"{}',
    'http+unix://%2Ftmp%2Fa%0Ab',
  ],
  ...[
    'http+unix://tmp',
    'http+unix://%2Ftmp%2F%00',
    `http+unix://${encodeURIComponent(`/${'s'.repeat(200)}`)}`,
    'unix:/tmp/x',
    'none',
    'bad',
  ],
];

describeEachSceneOnce('a target of any characters', targets);

describeEachSceneOnce(
  "a target of any characters, with templates of one's own",
  (scene) => targets(withEditedTemplates(scene)),
  ['nginx'],
);

function targets({ start, proxy: { driver } }: Scene): void {
  let signalbox: Signalbox;
  let backend: Backend;

  async function prepare() {
    backend ??= await startBackend();
    signalbox ??= await start({ args: ['--pin-interval', '300ms'] });
    await signalbox.add('/plain', backend.url);
  }

  /** All of them at once, as their own routes; the statuses. */
  async function add(targets: readonly string[]): Promise<number[]> {
    const answers = await Promise.all(
      targets.map((target, index) => signalbox.api('POST', `/api/routes/user/t${index}`, { target })),
    );
    return answers.map(({ status }) => status);
  }

  async function checkNoPoison(): Promise<void> {
    expect((await signalbox.get('/plain/x')).json<Seen>().url).toBe('/plain/x');
    expect((await signalbox.api('GET', '/readyz')).text()).toContain('"ready":true');
    // Pinned targets stand in the configuration, too: that must be one nginx takes.
    await signalbox.add('/again', backend.url);
    const status = (await signalbox.api('GET', '/status')).json<{ lastError: unknown }>();
    expect(status.lastError).toBeNull();
  }

  it('in its path or query is what the backend gets, as a URL has it, or is refused', async () => {
    await prepare();
    const statuses = await add(ENDS.map((end) => backend.url + end));
    await inParallel(8, ENDS.entries(), async ([index, end]) => {
      const path = `/user/t${index}`;
      const answer = await signalbox.get(`${path}/x?q=1`);
      const where = JSON.stringify(end.slice(0, 100));
      if (statuses[index] === 400) return expect(answer.status, where).toBe(404);
      expect(statuses[index], where).toBe(201);
      // Node's own backend takes no such bytes, and no more than its limits.
      const url = new URL(backend.url + end);
      const query = [url.search.slice(1), 'q=1'].filter(Boolean).join('&');
      const expected = `${url.pathname.replace(/\/+$/, '')}${path}/x?${query}`;
      expect(answer.status, where).toBe(200);
      const seen = answer.json<Seen>().url;
      if (driver === 'traefik') expect(canonical(seen), where).toBe(canonical(expected));
      else expect(seen, where).toBe(expected);
    });
    await checkNoPoison();
  });

  it('that leads nowhere is refused or answered with an error, and harms no other route', async () => {
    await prepare();
    const statuses = await add(NOWHERE);
    await inParallel(8, NOWHERE.entries(), async ([index, target]) => {
      const { status } = await signalbox.get(`/user/t${index}/x`);
      const where = JSON.stringify(target.slice(0, 100));
      expect([201, 400], where).toContain(statuses[index]);
      if (statuses[index] === 201) expect([500, 503], where).toContain(status);
    });
    await checkNoPoison();
  });
}

/** Of the spellings of one path Go may choose another, and it sends no percent sign that encodes nothing. */
function canonical(target: string): string {
  // Slashes in front are the target's own and stay.
  return asTraefikWrites(`/x${target.replace(/%(?![0-9a-f]{2})/gi, '%25')}`);
}
