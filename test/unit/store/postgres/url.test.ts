import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeError, SignalboxError } from '../../../../src/errors.ts';
import { parseServers, type Servers, shownUrl } from '../../../../src/store/postgres/url.ts';
import { makeCertificate } from '../../../support/certificate.ts';
import { makeTempDir } from '../../../support/tmp.ts';

const HOME = makeTempDir();
const parse = (url: string, env: NodeJS.ProcessEnv = {}): Servers =>
  parseServers(url, { place: 'SIGNALBOX_DATABASE', env: { HOME, ...env } });
const passwordOf = (servers: Servers) => servers.password(servers.hosts[0] ?? { host: '', port: 0 }).password;

function failureOf(url: string, env: NodeJS.ProcessEnv = {}): SignalboxError {
  try {
    parse(url, env);
  } catch (error) {
    if (error instanceof SignalboxError) return error;
    throw error;
  }
  throw new Error(`${url} was taken`);
}

describe('the URL of a database', () => {
  it('says where it is and who asks', () => {
    const servers = parse('postgres://ada:se%3Acr%40t@db.example:5433/signal%20box?sslmode=disable');
    expect(servers).toMatchObject({ hosts: [{ host: 'db.example', port: 5433 }], user: 'ada', database: 'signal box' });
    expect(servers.tls.mode).toBe('disable');
    expect(passwordOf(servers)).toBe('se:cr@t');
  });

  it.each<[string, Servers['hosts']]>([
    [
      'postgres://one:1,two:2/d',
      [
        { host: 'one', port: 1 },
        { host: 'two', port: 2 },
      ],
    ],
    [
      'postgresql://one,two/d',
      [
        { host: 'one', port: 5432 },
        { host: 'two', port: 5432 },
      ],
    ],
    [
      'postgres://one,two:6000/d',
      [
        { host: 'one', port: 5432 },
        { host: 'two', port: 6000 },
      ],
    ],
    [
      'postgres://one,two/d?port=6000',
      [
        { host: 'one', port: 6000 },
        { host: 'two', port: 6000 },
      ],
    ],
    [
      'postgres://[::1]:7000,127.0.0.1/d',
      [
        { host: '::1', port: 7000 },
        { host: '127.0.0.1', port: 5432 },
      ],
    ],
    ['postgres:///d?host=/var/run/pg&port=7', [{ host: '/var/run/pg', port: 7 }]],
    ['postgres://%2Fvar%2Frun%2Fpg/d', [{ host: '/var/run/pg', port: 5432 }]],
    [
      'postgres:///d?host=one,two&port=1,2',
      [
        { host: 'one', port: 1 },
        { host: 'two', port: 2 },
      ],
    ],
  ])('%s names its hosts in their order', (url, hosts) => {
    expect(parse(url).hosts).toEqual(hosts);
  });

  it('leaves to the variables of libpq what it does not say, and else to what libpq takes', () => {
    const env = {
      PGHOST: 'one,two',
      PGPORT: '1,2',
      PGUSER: 'bob',
      PGPASSWORD: 'secret',
      PGDATABASE: 'd',
      PGSSLMODE: 'require',
    };
    const servers = parse('postgres://', env);
    expect(servers).toMatchObject({
      hosts: [
        { host: 'one', port: 1 },
        { host: 'two', port: 2 },
      ],
      user: 'bob',
      database: 'd',
    });
    expect([passwordOf(servers), servers.tls.mode]).toEqual(['secret', 'require']);
    expect(parse('postgres://ada@three/e', { PGUSER: 'bob', PGHOST: 'one' })).toMatchObject({
      hosts: [{ host: 'three', port: 5432 }],
      user: 'ada',
      database: 'e',
      tls: { mode: 'prefer' },
    });
    const { username } = userInfo();
    expect(parse('postgres://h')).toMatchObject({ user: username, database: username });
    expect(['/run/postgresql', 'localhost']).toContain(parse('postgres://').hosts[0]?.host);
  });

  it.each<[string, RegExp]>([
    ['mysql://h/d', /begins with postgres:\/\//],
    ['host=h password=secret', /begins with postgres:\/\//],
    ['postgres://h/d?sslmode=full', /no sslmode "full", want one of disable, allow, prefer/],
    ['postgres://h/d?sslmod=disable&x=1', /no parameter "sslmod" here; those of libpq that are known are host, port/],
    ['postgres://h/d?ssl', /has no "="/],
    ['postgres://h:0/d', /not one of 1 to 65535/],
    ['postgres://h:65536/d', /not one of 1 to 65535/],
    ['postgres://h:x/d', /a host or port is wrong/],
    ['postgres://[::1/d', /a host or port is wrong/],
    ['postgres://a,b,c/d?port=1,2', /2 ports for 3 hosts/],
    ['postgres://h/%zz', /percent-decoded/],
    ['postgres://h/a%00', /percent-decoded/],
    ['postgres://h/a b', /blanks/],
    ['postgres://h/d?target_session_attrs=any', /target_session_attrs is "any"/],
    ['postgres://h/d?sslmode=verify-full', /needs an authority to verify by.*sslrootcert=/],
    ['postgres://h/d?sslmode=require&sslrootcert=system', /takes sslmode=verify-full, not require/],
    ['postgres://h/d?sslrootcert=/no/such', /sslrootcert \/no\/such can't be used: there is no such file/],
  ])('%s is refused, with what is wrong and where', (url, message) => {
    const error = failureOf(url);
    expect(error.code).toBe('BAD_CONFIG');
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^SIGNALBOX_DATABASE: /);
    expect(error.hint).toContain('postgres://USER@HOST');
  });

  it('names the variable that is wrong', () => {
    expect(failureOf('postgres://h/d', { PGSSLMODE: 'full' }).message).toMatch(/^PGSSLMODE: /);
    expect(failureOf('postgres://h/d', { PGPORT: 'x' }).message).toMatch(/^PGPORT: /);
  });

  it('never shows its password, encoded or not, taken or refused', () => {
    // Long enough to be found again, and with all that ends a part of a URL.
    const secrets = fc
      .tuple(fc.string({ minLength: 0, maxLength: 6 }), fc.stringMatching(/^[A-Z]{8}$/), fc.string({ maxLength: 6 }))
      .map(([before, middle, after]) => ({ middle, secret: before + middle + after }));
    fc.assert(
      fc.property(
        secrets,
        fc.boolean(),
        fc.constantFrom('h', 'h:1', 'h:1,i:2', ''),
        ({ middle, secret }, encode, host) => {
          const url = `postgres://u:${encode ? encodeURIComponent(secret) : secret}@${host}/d`;
          let shown: string;
          try {
            const servers = parse(url);
            if (encode) expect(passwordOf(servers)).toBe(secret);
            shown = shownUrl(servers) + inspect(servers, { depth: 9, showHidden: true }) + JSON.stringify(servers);
          } catch (error) {
            if (encode && !secret.includes('\0')) throw error;
            shown = describeError(error) + inspect(error, { showHidden: true });
          }
          expect(shown.replace(/\n +at .*/g, '')).not.toContain(middle);
        },
      ),
    );
  });

  it.each([
    'postgres://ada@h:1,i:2/d?sslmode=require',
    'postgres://a%20b@[::1]:1/d%2Fe?sslmode=prefer',
    'postgres://ada@/d?host=/run/a,/run/b&port=1,2&sslmode=disable',
  ])('%s is shown as it is', (url) => {
    expect(shownUrl(parse(url))).toBe(url);
    expect(shownUrl(parse(url.replace('@', ':secret@')))).toBe(url);
  });
});

describe('a password file', () => {
  const path = join(HOME, '.pgpass');
  const write = (text: string, mode = 0o600) => {
    writeFileSync(path, text);
    chmodSync(path, mode);
  };
  const find = (url: string) => {
    const servers = parse(url);
    return servers.hosts.map((host) => servers.password(host).password);
  };

  it('has a password for each server, the first that fits; a colon in it is a colon', () => {
    write(
      [
        '# one:5432:d:ada:comment',
        'one:5432:d:bob:wrong',
        'one:5432:d:ada:first:with\\:colons',
        'one:5432:d:ada:second',
        'two:*:*:ada:back\\\\slash',
        'o\\:d\\\\d:*:*:*:odd',
        'localhost:*:*:*:socket',
        'short:line',
        '',
      ].join('\r\n'),
    );
    expect(find('postgres://ada@one,two,three/d')).toEqual(['first:with:colons', 'back\\slash', undefined]);
    expect(find('postgres://bob@one:5433/d')).toEqual([undefined]);
    expect(find('postgres://ada@/d?host=o%3Ad%5Cd,/run/pg')).toEqual(['odd', 'socket']);
    expect(find('postgres://ada:own@one/d')).toEqual(['own']);
  });

  it('is read anew for each connection', () => {
    const servers = parse('postgres://ada@one/d');
    write('*:*:*:*:old');
    expect(passwordOf(servers)).toBe('old');
    write('*:*:*:*:new');
    expect(passwordOf(servers)).toBe('new');
  });

  it('is not used when others may read it, which is said', () => {
    write('*:*:*:*:secret', 0o640);
    const servers = parse('postgres://ada@one/d');
    expect(servers.password({ host: 'one', port: 5432 })).toEqual({
      password: undefined,
      problem: `the password file ${path} is not used: others may read it, make it 0600`,
    });
  });

  it('may be named, by parameter or variable', () => {
    const other = join(HOME, 'other');
    writeFileSync(other, '*:*:*:*:there', { mode: 0o600 });
    expect(passwordOf(parse('postgres://h', { PGPASSFILE: other }))).toBe('there');
    expect(passwordOf(parse(`postgres://h?passfile=${other}`))).toBe('there');
  });
});

describe('certificates', () => {
  const { cert, key } = makeCertificate();
  const file = (name: string, text: string, mode = 0o600) => {
    const path = join(HOME, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it('are looked for where libpq does', () => {
    mkdirSync(join(HOME, '.postgresql'));
    const roots = file('.postgresql/root.crt', cert);
    const certificate = file('.postgresql/postgresql.crt', cert);
    const keyFile = file('.postgresql/postgresql.key', key);
    expect(parse('postgres://h?sslmode=verify-ca').tls).toEqual({
      mode: 'verify-ca',
      roots,
      certificate,
      key: keyFile,
    });
    expect(parse('postgres://h?sslrootcert=system').tls).toMatchObject({ mode: 'verify-full', roots: 'system' });
  });

  it('that can never work are refused at once, with the file and the reason', () => {
    const text = file('text', 'no certificate');
    const good = file('good.crt', cert);
    const open = file('open.key', key, 0o644);
    expect(failureOf(`postgres://h?sslrootcert=${text}`).message).toMatch(/sslrootcert .*text can't be used: /);
    expect(failureOf(`postgres://h?sslcert=${good}&sslkey=${text}`).message).toMatch(/sslkey .*text can't be used: /);
    expect(failureOf(`postgres://h?sslcert=${good}&sslkey=${open}`).message).toMatch(/open.key .*others may read it/);
  });
});
