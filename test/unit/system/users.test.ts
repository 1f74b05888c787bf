import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkReach, closedFolder, findUser, groupsOf } from '../../../src/system/users.ts';
import { noOtherUsers } from '../../support/other-users.ts';
import { describeIf } from '../../support/skip.ts';
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

describeIf(!noOtherUsers, noOtherUsers ?? '', 'whom a folder keeps out', () => {
  it('says of each mode what the kernel says, and of a folder that is not there yet nothing', () => {
    const users = [
      { uid: 4001, gid: 4001, groups: [] },
      { uid: 4001, gid: 4002, groups: [] },
      { uid: 4002, gid: 4001, groups: [4002, 4003] },
      { uid: 4002, gid: 4004, groups: [4005] },
    ];
    const top = makeTempDir();
    const folders = [0o700, 0o710, 0o711, 0o701, 0o677, 0o071].map((mode) => {
      const folder = join(top, mode.toString(8));
      mkdirSync(folder);
      chownSync(folder, 4001, 4002);
      chmodSync(folder, mode);
      return folder;
    });
    for (const { uid, gid, groups } of users) {
      const list = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join()}`;
      const test = folders.map((folder) => `test -e ${folder}/. && echo ${folder}`).join(';');
      const passed = execFileSync('setpriv', [`--reuid=${uid}`, `--regid=${gid}`, list, 'sh', '-c', `${test}; true`], {
        encoding: 'utf8',
      });
      const open = folders.filter(
        (folder) => closedFolder(join(folder, 'not-there/run'), { uid, gid, groups }) === undefined,
      );
      expect(open, JSON.stringify({ uid, gid, groups })).toEqual(passed.split('\n').filter(Boolean));
    }
  });
});
