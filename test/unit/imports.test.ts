import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/** From the bottom to the top, as in ARCHITECTURE.md: a folder imports what stands before it. */
const LAYERS = [
  'floor',
  'system',
  'routes',
  'config',
  'render',
  'store',
  'process',
  'rollout',
  'proxies',
  'activity',
  'traffic',
  'observe',
  'reconcile',
  'api',
  'listeners',
  'top',
  'dashboard',
  'cli',
];
/** Files beside the folders: what everything may import, and what puts everything together. */
const BESIDE: Record<string, 'floor' | 'top'> = {
  'errors.ts': 'floor',
  'package-root.ts': 'floor',
  'version.ts': 'floor',
  'daemon.ts': 'top',
  'status.ts': 'top',
};

const imports = new Map(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, importsOf(file)]),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join('src', file), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  );
}

function layerOf(file: string): number {
  const [folder = ''] = file.split('/');
  const layer = LAYERS.indexOf(file.includes('/') ? folder : (BESIDE[file] ?? ''));
  if (layer < 0) throw new Error(`${file} is in no layer: add it to LAYERS or BESIDE`);
  return layer;
}

describe('imports point one way', () => {
  test('no file imports one of a higher layer', () => {
    const upwards = [...imports].flatMap(([file, imported]) =>
      imported.filter((other) => layerOf(other) > layerOf(file)).map((other) => `${file} imports ${other}`),
    );
    expect(upwards).toEqual([]);
  });

  test('a proxy does not import another one', () => {
    const proxyOf = (file: string) => /^proxies\/([^/]+)\//.exec(file)?.[1];
    const across = [...imports].flatMap(([file, imported]) =>
      imported.filter((other) => proxyOf(file) && proxyOf(other) && proxyOf(file) !== proxyOf(other)),
    );
    expect(across).toEqual([]);
  });

  test('what speaks to PostgreSQL is loaded by those alone who have a table there', () => {
    const early = [...imports.keys()].filter((file) => {
      const text = readFileSync(join('src', file), 'utf8');
      return !/^(?:store\/postgres|cli\/doctor\/database)/.test(file) && /^import (?!type ).*\/postgres\//m.test(text);
    });
    expect(early).toEqual([]);
  });

  test('the page takes nothing but types from elsewhere, and what it and its server know', () => {
    const folder = 'dashboard/page/';
    const files = readdirSync(join('src', folder), { recursive: true, encoding: 'utf8' });
    const sources = files.filter((file) => /\.tsx?$/.test(file)).map((file) => join(folder, file));
    const foreign = sources.flatMap((file) => {
      const text = readFileSync(join('src', file), 'utf8');
      const paths = [...text.matchAll(/^import (?!type )[^;]*?from '(\.[^']+)'/gm)].map(([, path = '']) =>
        normalize(join(dirname(file), path)),
      );
      return paths.filter((path) => !path.startsWith(folder) && path !== 'dashboard/page-api.ts');
    });
    expect(sources.length).toBeGreaterThan(20);
    expect(foreign).toEqual([]);
  });

  test('no file imports itself, by whatever way round', () => {
    const done = new Set<string>();
    const walk = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) throw new Error(`a circle: ${[...way.slice(way.indexOf(file)), file].join(' -> ')}`);
      if (done.has(file)) return;
      for (const other of imports.get(file) ?? []) walk(other, [...way, file]);
      done.add(file);
    };
    for (const file of imports.keys()) walk(file, []);
  });
});
