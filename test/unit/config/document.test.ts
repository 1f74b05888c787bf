import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { serve } from '../../../src/cli/serve.ts';
import { configurationDocument } from '../../../src/config/document.ts';
import { envName, KEYS } from '../../../src/config/schema.ts';
import { loadYaml } from './load-with.ts';

const text = configurationDocument(serve.exits);

it('docs/configuration.md is what the schema says (else run: node scripts/generate-docs.ts)', () => {
  expect(readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')).toBe(text);
});

it('names every key and variable', () => {
  for (const key of KEYS) expect(text).toContain(`| \`${key}\` | \`${envName(key)}\` |`);
});

it('has an example that can be loaded', () => {
  const yaml = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? 'none: found';
  const { config } = loadYaml(yaml, { files: { '/etc/signalbox/token': 'x' } });
  expect(config.public).toEqual({ host: '*', port: 80 });
});

it('has rows that no text breaks', () => {
  for (const row of text.split('\n').filter((line) => line.startsWith('| `'))) expect(row.split(' | ')).toHaveLength(5);
});
