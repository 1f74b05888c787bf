import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { watchFiles } from '../../../src/system/watch.ts';
import { makeTempDir } from '../../support/tmp.ts';

const dir = makeTempDir();
const [a, b] = [join(dir, 'a'), join(dir, 'b')];
const onChange = vi.fn();
const onError = vi.fn();

beforeEach(() => {
  vi.resetAllMocks();
  writeFileSync(a, 'a');
  writeFileSync(b, 'b');
});

function watch() {
  return watchFiles([a, b], onChange, { onError, interval: 3_600_000 });
}

it('is silent while nothing changes', () => {
  const watched = watch();
  watched.check();
  expect(onChange).not.toHaveBeenCalled();
  watched.close();
});

it('calls at the first look, once, where the files may have changed before', () => {
  const watched = watchFiles([a, b], onChange, { unseen: true, interval: 3_600_000 });
  watched.check();
  watched.check();
  expect(onChange).toHaveBeenCalledTimes(1);
  watched.close();
});

it('sees a file that is written over, and one that is replaced, once each', () => {
  const watched = watch();
  writeFileSync(a, 'another text');
  watched.check();
  watched.check();
  expect(onChange).toHaveBeenCalledTimes(1);
  writeFileSync(`${b}.new`, 'b');
  renameSync(`${b}.new`, b);
  watched.check();
  expect(onChange).toHaveBeenCalledTimes(2);
  watched.close();
});

it('tries again until a change can be taken, and complains once', () => {
  const watched = watch();
  onChange.mockImplementation(() => {
    throw new Error('key and certificate do not fit');
  });
  writeFileSync(a, 'new key');
  watched.check();
  watched.check();
  expect(onChange).toHaveBeenCalledTimes(2);
  expect(onError).toHaveBeenCalledTimes(1);
  onChange.mockImplementation(() => undefined);
  watched.check();
  watched.check();
  expect(onChange).toHaveBeenCalledTimes(3);
  watched.close();
});

it('sees a file go', () => {
  const watched = watch();
  rmSync(a);
  watched.check();
  expect(onChange).toHaveBeenCalledTimes(1);
  watched.close();
});

it('looks by itself', async () => {
  const watched = watchFiles([a], onChange, { interval: 5 });
  writeFileSync(a, 'later');
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1));
  watched.close();
});

it('goes on when a file cannot be looked at, and sees it come back', () => {
  const watched = watch();
  onChange.mockImplementation(() => readFileSync(a));
  rmSync(a);
  // ELOOP, as for root no folder is shut.
  symlinkSync(a, a);
  watched.check();
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'ELOOP' }));
  rmSync(a);
  writeFileSync(a, 'back');
  watched.check();
  expect(onChange).toHaveBeenCalledTimes(2);
  expect(onError).toHaveBeenCalledTimes(1);
  watched.close();
});
