import { expect, it } from 'vitest';
import { configurationPage } from '../../../scripts/docs/configuration.ts';
import { envName, KEYS } from '../../../src/config/schema.ts';
import { loadYaml } from './load-with.ts';

const text = configurationPage();

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
