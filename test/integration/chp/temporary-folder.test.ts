import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { publicSideHash } from '../../../src/cli/chp/state-folder.ts';
import { startBackend } from '../../support/backend.ts';
import { describeEachProxyOnce } from '../../support/proxies.ts';
import { makeLongFolder, makeOddFolder, makePrivateFolder, ODD_NAMES } from '../../support/surroundings/odd-folders.ts';
import { launched } from './launch.ts';

const PLACES = ['/run', process.env.XDG_RUNTIME_DIR ?? '/tmp', '/tmp', '/var/tmp', '/dev/shm'];

describeEachProxyOnce('signalbox chp serves, and leaves nothing, with a TMPDIR', (proxy) => {
  it.each([
    ['too long for a unix socket', () => makeLongFolder(90)],
    ['of odd names', () => makeOddFolder(...ODD_NAMES)],
    ['where only root may look', () => makePrivateFolder()],
    ['that is not there', () => join(makePrivateFolder(), 'gone')],
  ])('%s', async (_, makeTmp) => {
    const backend = await startBackend();
    const chp = await launched({ proxy, tmp: makeTmp() });
    expect((await chp.api('POST', '/api/routes/user/ada', { target: backend.url })).status).toBe(201);
    expect((await chp.get('/user/ada/status/200')).status).toBe(200);
    expect(await chp.child.stop()).toEqual({ code: 2, signal: null });
    const hash = publicSideHash({ public: { host: '127.0.0.1', port: chp.port }, publicSocket: undefined });
    for (const place of [chp.tmp, ...PLACES].filter(existsSync)) {
      expect(readdirSync(place).filter((name) => name.includes(hash))).toEqual([]);
    }
  });
});
