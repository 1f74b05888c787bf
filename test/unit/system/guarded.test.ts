import { expect, it } from 'vitest';
import { guarded } from '../../../src/system/guarded.ts';

it('a job that fails, at once or later, ends nothing, and says why once for each reason', async () => {
  const said: [object, string][] = [];
  const log = { warn: (fields: object, message: string) => said.push([fields, message]) };
  const failures = [new Error('one'), new Error('one'), undefined, new Error('one'), new Error('two')];
  let runs = 0;
  const job = guarded(log, 'the job', () => {
    const failure = failures[runs++];
    if (failure && runs % 2) throw failure;
    return failure && Promise.reject(failure);
  });
  for (const _ of failures) await job();
  expect(runs).toBe(5);
  expect(said).toEqual([
    [{ reason: 'one' }, 'the job failed'],
    [{ reason: 'one' }, 'the job failed'],
    [{ reason: 'two' }, 'the job failed'],
  ]);
});
