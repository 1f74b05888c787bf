import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { registerFleetMetrics } from '../../../src/observe/fleet-metrics.ts';
import { runProcess } from '../../support/process.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { missingProgram } from './programs.ts';
import type { Scene } from './scene.ts';

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[];
}

/** Alerts of Prometheus: each metric in them is one that the daemon has, and promtool takes them where it is installed. */
export async function checkRules(text: string, scene: Scene): Promise<void> {
  const exposed = await exposedMetrics(scene);
  const { groups } = parse(text) as Rules;
  const used = groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => metricsIn(expr)));
  expect(used.length).toBeGreaterThan(0);
  // `up` is Prometheus' own.
  expect(used.filter((name) => name !== 'up' && !exposed.has(name.replace(/_(?:bucket|sum|count)$/, '')))).toEqual([]);

  if (missingProgram('promtool') !== undefined) return;
  const file = join(makeTempDir(), 'rules.yml');
  writeFileSync(file, text);
  const { code, output } = await runProcess('promtool', ['check', 'rules', file]);
  expect(code, output).toBe(0);
}

/** Names of all metrics that the daemon has, those of a shared table among them, which the scene's has not. */
export async function exposedMetrics(scene: Scene): Promise<ReadonlySet<string>> {
  const answer = (await scene.box.api('GET', '/metrics')).text();
  const own = [...answer.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
  const registry = new Registry();
  registerFleetMetrics({ status: neverRead, generation: () => ({ wanted: 0, served: 0 }) }, [registry]);
  return new Set([...own, ...registry.getMetricsAsArray().map(({ name }) => name)]);
}

function neverRead(): never {
  throw new Error('only the names are wanted');
}

/** Names that stand for a series: neither a function nor in quotes nor a label. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/"[^"]*"|\{[^}]*\}|\[[^\]]*\]/g, '')
    .replace(/\b(?:by|on|ignoring|without)\s*\([^)]*\)/g, '');
  const words = bare.match(/\b[a-z_][a-z0-9_]*\b(?!\s*\()/g) ?? [];
  return words.filter((word) => !['and', 'or', 'unless', 'bool'].includes(word));
}
