import { describe, expect, it } from 'vitest';
import { hashToken } from '../../../src/config/token.ts';
import { load, loadYaml, problemsOf } from './load-with.ts';

const env = { SIGNALBOX_API_TOKEN: 'whole' };
const files = { '/p': 'f00d-p\n', '/b': 'f00d-b', '/c': 'f00d-c' };
const yaml = `host-routing: true
namespaces:
  physics: { token-file: /p, host: Physics.Example, max-routes: 20000 }
  biology:
    token-file: /b
    host: uni.example
    path: /bio/
  chem: { token-file: ../c, domain: chem.example }
`;
const problems = (text: string) => problemsOf(() => loadYaml(text, { env, files }));

it('are read from the file: paths of token files as all others, hosts in lower case, paths as keys', () => {
  const { config, warnings } = loadYaml(yaml, { env, files });
  expect(config.namespaces).toMatchObject([
    { name: 'physics', host: 'physics.example', maxRoutes: 20_000, scope: { prefix: '/physics.example' } },
    { name: 'biology', host: 'uni.example', path: '/bio', scope: { prefix: '/uni.example/bio' } },
    { name: 'chem', domain: 'chem.example', scope: { domain: 'chem.example' }, tokenFile: { path: '/c' } },
  ]);
  expect(warnings).toEqual([]);
});

it('need no host-routing for a path, and may be none', () => {
  expect(loadYaml('namespaces: { b: { token-file: /b, path: /bio } }', { env, files }).config.namespaces).toMatchObject(
    [{ scope: { prefix: '/bio' } }],
  );
  expect(loadYaml('namespaces: {}').config.namespaces).toEqual([]);
  expect(load({}).config.namespaces).toBeUndefined();
});

it('have their tokens in the configuration as hashes only', () => {
  const { config } = loadYaml(yaml, { env, files });
  expect(config.namespaceTokens.get('physics')).toEqual(hashToken('f00d-p'));
  expect([...config.namespaceTokens.keys()]).toEqual(['physics', 'biology', 'chem']);
  expect(JSON.stringify([config, [...config.namespaceTokens]])).not.toContain('f00d');
});

it('whose token everyone can read are warned about', () => {
  const open = { ...files, '/p': { text: 'f00d-p', mode: 0o644 } };
  expect(loadYaml(yaml, { env, files: open }).warnings).toEqual([
    'every user of this machine can read the namespaces.physics.token-file: make it 0600',
  ]);
});

describe('a mistake', () => {
  it('is reported with its place, and all of them at once', () => {
    expect(
      problems(`host-routing: true
namespaces:
  a: { token-file: /p, host: "http://x", max-routes: 0 }
  b: { token-file: /b, host: x, hots: y }
  c: { domain: x.example }
  d: { token-file: /c }
  e: { token-file: /c, domain: x.example, path: /x }
  f: 7
  g:
  "h i": { token-file: /c, host: x }
  a: {}
  j: { token-file: /c, token-file: /c, host: y }
  k: { token-file: /c, path: / }
  l: { token-file: [/c], path: /l }
`),
    ).toEqual([
      'signalbox.yaml:3:30: namespaces.a.host: found "http://x", want a host name such as hub.example, without scheme, port and final dot, international ones as xn--…',
      'signalbox.yaml:3:54: namespaces.a.max-routes: found "0", want a whole number from 1 to 1000000',
      'signalbox.yaml:4:39: namespaces.b: "hots" is no setting of a namespace; did you mean host?',
      'signalbox.yaml:5:3: namespaces.c: needs token-file, the file with the token of its Hub',
      'signalbox.yaml:6:3: namespaces.d: needs host, path or domain',
      'signalbox.yaml:7:3: namespaces.e: has domain, which excludes host and path',
      'signalbox.yaml:8:6: namespaces.f: found a single value, want a mapping such as { token-file: /etc/signalbox/physics, host: physics.example }',
      'signalbox.yaml:9:5: namespaces.g: found nothing, want a mapping such as { token-file: /etc/signalbox/physics, host: physics.example }',
      'signalbox.yaml:10:3: namespaces: found "h i", want a name of letters, digits, - _ and .',
      'signalbox.yaml:13:30: namespaces.k.path: found "/", want a path below the root such as /bio, not percent-encoded',
      'signalbox.yaml:14:20: namespaces.l.token-file: want a path',
      'signalbox.yaml:11:3: namespaces.a: stands here again, first in line 3',
      'signalbox.yaml:12:24: namespaces.j.token-file: stands here again, first in line 12',
    ]);
  });

  it.each([
    ['namespaces: x', 'found "x"'],
    ['namespaces:', 'found nothing'],
    ['namespaces: [a]', 'found a list'],
  ])('such as %j is told what belongs there', (text, found) => {
    expect(problems(text).join()).toContain(
      `namespaces: ${found}, want a name in each line below, each with a mapping`,
    );
  });

  it.each(['/bio%20x', '/a?b', 'bio', '//', '/..', '/a/../b', '/a#b'])('is the path %j', (path) => {
    expect(problems(`namespaces: { a: { token-file: /p, path: "${path}" } }`).join()).toContain('want a path below');
  });

  it('is host or domain without host-routing, and a path alone with it', () => {
    expect(problems('namespaces: { a: { token-file: /p, host: x } }')).toEqual([
      'signalbox.yaml:1:13: the namespace a needs host-routing: it has host',
    ]);
    expect(problems('namespaces: { a: { token-file: /p, domain: x } }').join()).toContain('it has domain');
    expect(problems('host-routing: true\nnamespaces: { a: { token-file: /p, path: /x } }').join()).toContain(
      'the namespace a has a path alone, and with host-routing every path is one of some host: give it host, too',
    );
  });

  it.each([
    ['path: /bio', 'path: /bio'],
    ['path: /bio', 'path: /bio/sub'],
    ['path: /bio/sub', 'path: /bio/'],
    ['host: x.example', 'host: X.example'],
    ['host: x.example', 'host: x.example, path: /bio'],
    ['host: a.x.example', 'domain: x.example'],
    ['domain: x.example', 'host: x.example, path: /bio'],
    ['domain: x.example', 'domain: a.x.example'],
  ])('is that %s and %s overlap', (one, other) => {
    const hostRouting = /host|domain/.test(one);
    const text = `host-routing: ${hostRouting}\nnamespaces:\n  a: { token-file: /p, ${one} }\n  b: { token-file: /b, ${other} }`;
    expect(problems(text)).toEqual([
      'signalbox.yaml:4:3: namespaces.b: has keys that a has, too: namespaces must not overlap',
    ]);
  });

  it.each([
    ['path: /bio', 'path: /biology'],
    ['host: x.example', 'host: y.example'],
    ['host: x.example, path: /a', 'host: x.example, path: /b'],
    ['host: xchem.example', 'domain: chem.example'],
  ])('is not that %s and %s stand beside each other', (one, other) => {
    const text = `host-routing: ${/host/.test(one)}\nnamespaces:\n  a: { token-file: /p, ${one} }\n  b: { token-file: /b, ${other} }`;
    expect(loadYaml(text, { env, files }).config.namespaces).toHaveLength(2);
  });

  it('is a token that two have, or that is the one for the whole table', () => {
    const text = 'namespaces:\n  a: { token-file: /p, path: /a }\n  b: { token-file: /p, path: /b }';
    expect(problems(text)).toEqual(['signalbox.yaml:3:20: namespaces.b.token-file: the token is that of a, too']);
    const same = problemsOf(() =>
      loadYaml(text.split('\n').slice(0, 2).join('\n'), { env: { SIGNALBOX_API_TOKEN: 'f00d-p' }, files }),
    );
    expect(same).toEqual([
      'signalbox.yaml:2:20: namespaces.a.token-file: the token is the one for the whole table, too',
    ]);
  });

  it('is that there is no token for the whole table', () => {
    const text = 'insecure-no-token: true\nnamespaces: { a: { token-file: /p, path: /a } }';
    expect(problemsOf(() => loadYaml(text, { files }))).toEqual([
      'signalbox.yaml:2:13: namespaces need a token for the whole table beside theirs, or everyone who reaches the API would have that: ' +
        'set SIGNALBOX_API_TOKEN (or CONFIGPROXY_AUTH_TOKEN, or token-file)',
    ]);
  });

  it.each([
    ['/none', "the file can't be read: there is no such file"],
    ['/empty', 'the token is empty: put the token the Hub has into the file'],
    [
      '/two',
      'the token has spaces, line breaks or non-ASCII characters in it: put the token the Hub has into the file',
    ],
  ])('is the token file %s', (path, message) => {
    const text = `namespaces: { a: { token-file: ${path}, path: /a } }`;
    const some = { '/empty': ' \n', '/two': 'f00d f00d' };
    expect(problemsOf(() => loadYaml(text, { env, files: some }))).toEqual([
      `signalbox.yaml:1:32: namespaces.a.token-file: ${message}`,
    ]);
  });

  it.each(['token: f00d', 'token-file: " f00d\\0"', 'token-file: f00d', 'token-file: /two'])(
    'never shows a token, as in %s',
    (field) => {
      const text = `namespaces: { a: { ${field}, path: /a } }`;
      const lines = problemsOf(() => loadYaml(text, { env, files: { '/two': 'f00d f00d' } })).join();
      expect(lines).not.toContain('f00d');
    },
  );

  it('is to give them as a flag or in a variable', () => {
    expect(problemsOf(() => load({ argv: ['--namespaces', 'x'], env: { SIGNALBOX_NAMESPACES: 'x' } }))).toEqual([
      'SIGNALBOX_NAMESPACES: namespaces stands in the file alone (--config FILE)',
      '--namespaces: is no option; namespaces stands in the file alone (--config FILE)',
    ]);
  });
});
