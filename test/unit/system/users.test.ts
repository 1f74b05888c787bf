import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkReach, findUser, groupsOf } from '../../../src/system/users.ts';
import { makeTempDir } from '../../support/tmp.ts';

const purpose = { who: 'workers', setting: 'nginx-user' };

it('finds a user of this machine with its groups, and says when there is none', () => {
  const root = findUser('root', purpose);
  expect(root).toMatchObject({ name: 'root', uid: 0, gid: 0, group: 'root' });
  expect(groupsOf('root')).toContain(0);
  expect(() => findUser('no such user', purpose)).toThrow('there is no user "no such user" for workers');
  expect(() => findUser('0', purpose)).toThrow('there is no user "0" for workers');
});

it('lets a user pass through a folder of any of its groups', ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can give a folder away');
  const folder = join(makeTempDir(), 'of-a-group');
  mkdirSync(folder);
  chownSync(folder, 0, 4242);
  chmodSync(folder, 0o710);
  const user = { name: 'ada', uid: 12345, gid: 12345, group: undefined };
  const path = join(folder, 'run');
  expect(() => checkReach(path, user, purpose)).toThrow(`workers run as ada and cannot pass through ${folder}`);
  expect(() => checkReach(path, { ...user, groups: [4242] }, purpose)).not.toThrow();
});
