import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRoute } from '../../../src/routes/route.ts';
import { maskData } from '../../../src/traffic/mask.ts';

const SECRET = 'http://me:s3cret@h:1/x';
const shownOf = (data: Record<string, unknown>, target = SECRET) => maskData(makeRoute('/a', { target, ...data }));
const bytesOf = (text: string) => Buffer.byteLength(text);

describe('the data of a route as it is shown', () => {
  it('is its JSON text, with the target masked wherever it stands', () => {
    const { data, dataIsCut } = shownOf({ user: 'ada', again: [SECRET] });
    expect(JSON.parse(data)).toEqual({ target: 'http://h:1/x', user: 'ada', again: ['http://h:1/x'] });
    expect(dataIsCut).toBe(false);
  });

  it('is its beginning when there is much of it', () => {
    const { data, dataIsCut } = shownOf({ much: 'x'.repeat(10_000_000) });
    expect(bytesOf(data)).toBeGreaterThan(4_000);
    expect(dataIsCut).toBe(true);
    const whole = makeRoute('/a', {
      target: 'http://b',
      much: 'x'.repeat(4_096 - '{"target":"http://b","much":""}'.length),
    });
    expect(maskData(whole)).toEqual({ data: whole.data, dataIsCut: false });
  });

  it('has no part of a target that goes on behind the cut', () => {
    for (let before = 3_900; before < 4_200; before++) {
      const { data } = maskData({
        ...makeRoute('/a', { target: SECRET }),
        data: `{"x":"${'y'.repeat(before)}","target":"${SECRET}"}`,
      });
      expect(data).not.toContain('me:');
    }
    // Each that is masked makes room for what comes behind.
    expect(shownOf({ many: Array.from({ length: 300 }, () => SECRET) }).data).not.toContain('me:');
  });
});

it('is well-formed and within 4 KiB whatever is in it', () => {
  const unit = fc.constantFrom('grapheme', 'binary', 'grapheme-ascii');
  const text = unit.chain((kind) => fc.string({ unit: kind as 'grapheme', maxLength: 50 }));
  fc.assert(
    fc.property(text, text, fc.integer({ min: 1, max: 300 }), (name, value, times) => {
      const { data, dataIsCut } = shownOf(
        { [`x${name}`]: value.repeat(times) },
        `http://me:${encodeURIComponent(name.toWellFormed())}@h/`,
      );
      expect(bytesOf(data)).toBeLessThanOrEqual(4_096);
      expect(data.isWellFormed()).toBe(true);
      if (!dataIsCut) expect(JSON.parse(data)).toMatchObject({ target: 'http://h/' });
    }),
  );
});
