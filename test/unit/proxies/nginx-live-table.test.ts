import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LiveTable } from '../../../src/proxies/nginx/live-table.ts';
import { describeIf } from '../../support/skip.ts';
import { mountSmallDisk, noSmallDisk } from '../../support/surroundings/full-disk.ts';

describeIf(!noSmallDisk, noSmallDisk ?? '', 'a live table without free inodes', () => {
  async function scene() {
    const disk = mountSmallDisk();
    const table = new LiveTable(join(disk.path, 'run'));
    await table.open();
    const [one, two] = ['http/127.0.0.1:1', 'http/127.0.0.1:2'];
    await table.change(Object.entries({ '/user/ada': one, '/user/bob': two }), [], 1);
    disk.leaveInodes(0);
    const onDisk = async () => {
      const again = new LiveTable(join(disk.path, 'run'));
      await again.open();
      return Object.fromEntries(again.entries);
    };
    return { disk, table, one, two, onDisk };
  }

  it('takes a route with what the end of another frees', async () => {
    const { table, one, two, onDisk } = await scene();
    await table.change([['/user/cid', two]], ['/user/bob'], 2);
    expect(await onDisk()).toEqual({ '/user/ada': one, '/user/cid': two });
  });

  it('ends routes though it can take no new one, and takes that when there is room', async () => {
    const { disk, table, one, onDisk } = await scene();
    const change = () => table.change([['/a/b/c/d', one]], ['/user/bob'], 2);
    await expect(change()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(table.entries.has('/user/bob')).toBe(false);
    disk.makeRoom();
    await change();
    expect(await onDisk()).toEqual({ '/user/ada': one, '/a/b/c/d': one });
  });
});
