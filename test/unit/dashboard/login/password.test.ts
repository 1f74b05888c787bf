import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { passwordLogin } from '../../../../src/dashboard/login/password.ts';
import { PasswordFile } from '../../../../src/dashboard/login/password-file.ts';
import { hashPassword, isPassword, parsePasswordHash } from '../../../../src/dashboard/login/password-hash.ts';
import { makeTempDir } from '../../../support/tmp.ts';
import { dashboard, ORIGIN } from '../harness.ts';

/** On a busy machine the usual costs would be most of the time of these tests. */
const CHEAP = { N: 2 ** 10, r: 8, p: 1 };

const right = async (password: string, hash: string) => {
  const parsed = parsePasswordHash(hash);
  return parsed && isPassword(password, parsed);
};

describe('a hash', () => {
  test('is of one password, and different each time', async () => {
    const [one, other] = [await hashPassword('correct horse', CHEAP), await hashPassword('correct horse', CHEAP)];
    expect(one).not.toBe(other);
    expect(await right('correct horse', one)).toBe(true);
    expect(await right('correct horse', other)).toBe(true);
    expect(await right('correct horsE', one)).toBe(false);
    expect(await right('', one)).toBe(false);
  });

  test('does not depend on how a letter was typed', async () => {
    expect(await right('zoe\u0308', await hashPassword('zo\u00eb', CHEAP))).toBe(true);
  });

  test('that is none, or would take all memory, is refused', () => {
    const [salt, key] = ['A'.repeat(22), 'A'.repeat(43)];
    expect(parsePasswordHash(`scrypt$32768$8$3$${salt}$${key}`)).toBeDefined();
    for (const text of [
      'hunter2',
      `scrypt$32767$8$3$${salt}$${key}`,
      `scrypt$1$8$3$${salt}$${key}`,
      `scrypt$0$8$3$${salt}$${key}`,
      `scrypt$1048576$1024$1$${salt}$${key}`,
      `scrypt$32768$8$999$${salt}$${key}`,
      `scrypt$32768$8$3$$${key}`,
      `scrypt$32768$8$3$${salt}$`,
      `bcrypt$32768$8$3$${salt}$${key}`,
    ]) {
      expect(parsePasswordHash(text), text).toBeUndefined();
    }
  });
});

describe('signing in with a password', async () => {
  const [ada, bob] = [await hashPassword('adas password', CHEAP), await hashPassword('bobs password', CHEAP)];

  function made(text: string) {
    const path = join(makeTempDir(), 'passwords');
    writeFileSync(path, text);
    const server = dashboard({ login: (context) => passwordLogin(new PasswordFile(path), context) });
    const signIn = async (name: string, password: string) => {
      const answer = await server.send({
        method: 'POST',
        url: '/signalbox/sign-in',
        headers: { origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ name, password }).toString(),
      });
      return `${answer.headers['set-cookie'] ?? ''}`.split(';')[0] ?? '';
    };
    const me = async (cookie: string) => {
      const answer = await server.send({ url: '/signalbox/api/me', headers: await server.open(cookie) });
      return answer.statusCode === 200 ? answer.json() : answer.statusCode;
    };
    return { ...server, path, signIn, me };
  }

  test('is for those in the file, each with their right', async () => {
    const { signIn, me } = made(`# people\nada:operate:${ada}\n\nbob:view:${bob}\n`);
    expect(await me(await signIn('ada', 'adas password'))).toMatchObject({ name: 'ada', mayOperate: true });
    expect(await me(await signIn('bob', 'bobs password'))).toMatchObject({ name: 'bob', mayOperate: false });
    expect(await signIn('ada', 'bobs password')).toBe('');
    expect(await signIn('nobody', 'adas password')).toBe('');
  });

  test('ends for whose line is changed or gone, at once, and for no other', async () => {
    const { signIn, me, path } = made(`ada:operate:${ada}\nbob:view:${bob}\n`);
    const cookies = { ada: await signIn('ada', 'adas password'), bob: await signIn('bob', 'bobs password') };
    writeFileSync(path, `ada:view:${ada}\nbob:view:${bob}\n# longer\n`);
    expect(await me(cookies.ada)).toBe(401);
    expect(await me(cookies.bob)).toMatchObject({ name: 'bob' });
    writeFileSync(path, `ada:view:${ada}\n`);
    expect(await me(cookies.bob)).toBe(401);
    expect(await me(await signIn('ada', 'adas password'))).toMatchObject({ mayOperate: false });
  });

  test('is not possible, for nobody, while the file is broken or gone', async () => {
    const { signIn, path, logged } = made(`ada:operate:${ada}\n`);
    expect(await signIn('ada', 'adas password')).not.toBe('');
    writeFileSync(path, `ada:operate:${ada}\nbroken\n`);
    expect(await signIn('ada', 'adas password')).toBe('');
    rmSync(path);
    expect(await signIn('ada', 'adas password')).toBe('');
    expect(logged.join('')).not.toContain('adas password');
  });
});
