import { expect, it } from 'vitest';
import { SignalboxError } from '../../../src/errors.ts';
import { TemplateError } from '../../../src/render/template-error.ts';
import type { TemplateFiles } from '../../../src/render/template-files.ts';
import { TemplateTrial } from '../../../src/rollout/template-trial.ts';

const files = (text: string): TemplateFiles => new Map([['a.conf', { text, own: true }]]);

/** A trial whose folder holds one file, and a proxy that refuses some texts. */
function scene({ kept }: { kept?: string } = {}) {
  const state = { onDisk: 'one', refused: [] as string[], error: refusal('no'), applied: [] as string[] };
  const keptTexts: (string | undefined)[] = [];
  const logged: string[] = [];
  const log = (_: object, message: string) => logged.push(message);
  const trial = new TemplateTrial<string>({
    read: () => files(state.onDisk),
    make: (made) => made.get('a.conf')?.text ?? '',
    kept: kept === undefined ? undefined : files(kept),
    keep: (good) => keptTexts.push(good.get('a.conf')?.text),
    log: { info: log, warn: log, error: log },
  });
  const apply = () =>
    trial.use(async (text) => {
      state.applied.push(text);
      if (state.refused.includes(text)) throw state.error;
    });
  const change = (text: string) => {
    state.onDisk = text;
    return trial.refresh();
  };
  return { trial, state, apply, change, keptTexts, logged };
}

const refusal = (message: string) => new SignalboxError('PROXY_REFUSED_CONFIG', message);

it('uses new templates once they are seen, and keeps the good ones', async () => {
  const { apply, change, state, keptTexts } = scene();
  await apply();
  expect(change('one')).toBe(false);
  expect(change('two')).toBe(true);
  await apply();
  await apply();
  expect(state.applied).toEqual(['one', 'two', 'two']);
  expect(keptTexts).toEqual(['one', 'two']);
});

it('falls back to the last good ones, and does not try the refused ones again', async () => {
  const { apply, change, state, trial, logged } = scene();
  await apply();
  state.refused = ['two'];
  change('two');
  await apply();
  await apply();
  expect(state.applied).toEqual(['one', 'two', 'one', 'one']);
  expect(trial.problem).toMatchObject({ file: 'a.conf', line: null, message: 'no' });
  expect(logged).toEqual(['no; the last good templates stay']);
});

it('forgets the problem when the file is as it was, or is mended', async () => {
  const { apply, change, state, trial } = scene();
  await apply();
  state.refused = ['two'];
  for (const mended of ['one', 'three']) {
    change('two');
    await apply();
    expect(trial.problem).toBeDefined();
    expect(change(mended)).toBe(true);
    await apply();
    expect(trial.problem).toBeUndefined();
  }
});

it('tries refused ones again when it is asked to', async () => {
  const { apply, change, state, trial } = scene();
  await apply();
  state.refused = ['two'];
  change('two');
  await apply();
  expect(trial.refresh()).toBe(false);
  state.refused = [];
  expect(trial.refresh(true)).toBe(true);
  await apply();
  expect(state.applied.at(-1)).toBe('two');
  expect(trial.problem).toBeUndefined();
});

it('does not blame new templates when the good ones are refused as well', async () => {
  const { apply, change, state, trial } = scene();
  await apply();
  state.refused = ['one', 'two'];
  change('two');
  await expect(apply()).rejects.toThrow('no');
  expect(trial.problem).toBeUndefined();
  state.refused = [];
  await apply();
  expect(state.applied.at(-1)).toBe('two');
});

it('does not blame them for a proxy that is down', async () => {
  const { apply, change, state, trial } = scene();
  await apply();
  state.refused = ['two'];
  state.error = new SignalboxError('PROXY_DOWN', 'gone');
  change('two');
  await expect(apply()).rejects.toThrow('gone');
  expect(state.applied).toEqual(['one', 'two']);
  expect(trial.problem).toBeUndefined();
});

it('starts with what an earlier daemon kept when the newest are refused', async () => {
  const { apply, state, trial } = scene({ kept: 'zero' });
  state.refused = ['one'];
  await apply();
  expect(state.applied).toEqual(['one', 'zero']);
  expect(trial.problem).toBeDefined();
});

it('says which set is in use: the one that is tried, and after that the one that was taken last', async () => {
  const { trial, state, apply, change } = scene();
  await apply();
  change('two');
  state.refused = ['two'];
  const inUse: string[] = [];
  await trial.use(async (text) => {
    inUse.push(trial.inUse);
    if (text === 'two') throw state.error;
  });
  expect(inUse).toEqual(['two', 'one']);
  expect(trial.inUse).toBe('one');
});

it('a check throws only when there is nothing to fall back to', () => {
  const broken = () => {
    throw new TemplateError({ file: 'a.conf', line: 3 }, 'why');
  };
  expect(() => scene().trial.check(broken)).toThrow('template a.conf:3: why');
  const { trial } = scene({ kept: 'zero' });
  trial.check(broken);
  expect(trial.inUse).toBe('zero');
  expect(trial.problem).toMatchObject({ file: 'a.conf', line: 3, message: 'template a.conf:3: why' });
});
