import { describe, expect, test } from 'vitest';
import { anchors, brokenLinks } from './links.ts';
import { parsePage, readPages } from './pages.ts';

describe('links between the pages', () => {
  for (const page of readPages()) {
    test(`of ${page.path} lead somewhere`, () => expect(brokenLinks(page)).toEqual([]));
  }

  test('that lead nowhere are found', () => {
    const text =
      '[a](nginx.md) [b](gone.md)\n\n```sh\n[c](gone.md)\n```\n[d](nginx.md#no-such) [e](https://example.org)\n<img src="images/gone.png">\n';
    expect(brokenLinks(parsePage('docs/x.md', text))).toEqual([
      'docs/x.md:1: gone.md: there is no docs/gone.md',
      expect.stringMatching(/^docs\/x\.md:6: nginx\.md#no-such: docs\/nginx\.md has no such heading/),
      'docs/x.md:7: images/gone.png: there is no docs/images/gone.png',
    ]);
  });

  test('may name headings as GitHub does', () => {
    expect(anchors('# A `b` c\n## A b, c!\n### [Link](x.md): 50 %\n')).toEqual(['a-b-c', 'a-b-c-1', 'link-50-']);
  });
});
