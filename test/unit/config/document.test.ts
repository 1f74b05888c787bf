import { expect, it } from 'vitest';
import { configurationPage } from '../../../scripts/docs/configuration.ts';
import { envName, isFileOnly, KEYS } from '../../../src/config/schema.ts';
import { loadYaml } from './load-with.ts';

const text = configurationPage();

it('names every key and variable', () => {
  for (const key of KEYS) expect(text).toContain(`| \`${key}\` | ${isFileOnly(key) ? '' : `\`${envName(key)}\``} |`);
});

it('has an example that can be loaded', () => {
  const yaml = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? 'none: found';
  const { config } = loadYaml(yaml, { files: { '/etc/signalbox/token': 'x' } });
  expect(config.public).toEqual({ host: '*', port: 80 });
});

it('has rows that no text breaks', () => {
  const [settings = '', namespace = ''] = text.split('### A namespace');
  const rows = (of: string) => of.split('\n').filter((line) => line.startsWith('| `'));
  for (const row of rows(settings)) expect(row.split(' | ')).toHaveLength(5);
  for (const row of rows(namespace)) expect(row.split(' | ')).toHaveLength(3);
});
