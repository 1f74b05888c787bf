import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { describeAnyPostgres } from '../../support/postgres.ts';
import { runProcess } from '../../support/process.ts';
import { anyProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { describeIf, testIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { root } from '../docs/pages.ts';
import { missingProgram } from '../docs/programs.ts';
import { metricsIn } from '../docs/rules.ts';
import { startFleet } from '../fleet/scene.ts';

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: unknown;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: unknown;
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly Target[];
}

interface Dashboard {
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] };
  readonly panels: readonly Panel[];
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

const folder = join(root, 'docker/grafana');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const dashboard = JSON.parse(read('dashboard.json')) as Dashboard;
const rules = (parse(read('alerts.yaml')) as Rules).groups.flatMap((group) => group.rules);

const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const targets = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));
/** With something in the place of Grafana's variables. */
const asPromQl = (expr: string) => expr.replaceAll(/\$__\w+/g, '1m').replaceAll('$instance', '.+');
const expressions = [
  ...targets.map(({ expr }) => asPromQl(expr)),
  ...dashboard.annotations.list.flatMap(({ expr }) => (expr === undefined ? [] : asPromQl(expr))),
  ...rules.map(({ expr }) => expr),
];
/** Prometheus makes `up` by itself. */
const used = [...new Set(expressions.flatMap(metricsIn))].filter((name) => name !== 'up').sort();
const isOfFleet = (name: string) => /^signalbox_(?:fleet|store)_/.test(name);

/** The names under which a daemon shows numbers. */
async function shownBy(signalbox: Signalbox): Promise<Set<string>> {
  const text = (await signalbox.api('GET', '/metrics')).text();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const parts = (type: string | undefined) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'] : type === 'summary' ? ['', '_sum', '_count'] : [''];
  return new Set(types.flatMap(([, name, type]) => parts(type).map((part) => `${name}${part}`)));
}

describeIf(anyNginx, missingNginx, 'dashboard and alerts', () => {
  test('ask for what a daemon shows', async () => {
    const shown = await shownBy(await startSignalbox({ proxy: anyProxy() }));
    expect(used.length).toBeGreaterThan(40);
    expect(used.filter((name) => !isOfFleet(name) && !shown.has(name))).toEqual([]);
  });

  describeAnyPostgres('of replicas', () => {
    test('ask for what one of them shows', async () => {
      const { members } = await startFleet({ proxy: anyProxy(), count: 1 });
      const shown = await shownBy(members[0] as Signalbox);
      expect(used.filter(isOfFleet).length).toBeGreaterThan(8);
      expect(used.filter((name) => !shown.has(name))).toEqual([]);
    });
  });
});

test('each number of Signalbox is in the dashboard', () => {
  const documented = readFileSync(join(root, 'docs/operations.md'), 'utf8').matchAll(
    /`(signalbox_\w+)(?:\{[\w,]+\})?`/g,
  );
  const names = new Set([...documented].map(([, name = '']) => name));
  expect(names.size).toBeGreaterThan(25);
  const inDashboard = targets.map(({ expr }) => expr).join(' ');
  expect([...names].filter((name) => !inDashboard.includes(name))).toEqual([]);
});

test('each panel says what it is about, in which unit, and asks the data source that is chosen', () => {
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance']);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Grafana's
  const chosen = { type: 'prometheus', uid: '${datasource}' };
  for (const { title, description, datasource, fieldConfig, targets = [] } of panels) {
    expect([title, description, fieldConfig?.defaults.unit]).toEqual([
      ...[expect.stringMatching(/./), expect.stringMatching(/\.$/), expect.stringMatching(/./)],
    ]);
    expect([title, datasource]).toEqual([title, chosen]);
    expect(targets.length, title).toBeGreaterThan(0);
    expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
    for (const target of targets) {
      expect([title, target.datasource]).toEqual([title, chosen]);
      const selectors = target.expr.match(/\{[^}]*\}/g) ?? [];
      expect(selectors.length, title).toBeGreaterThan(0);
      for (const selector of selectors) expect(selector, title).toContain('instance=~"$instance"');
    }
  }
});

test('panels lie beside each other, in rows with a title', () => {
  const taken = new Map<string, string>();
  for (const { title, gridPos } of dashboard.panels) {
    expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.get(`${x} ${y}`), `under ${title}`).toBeUndefined();
        taken.set(`${x} ${y}`, title);
      }
    }
  }
  const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
  expect(rows).toHaveLength(8);
  expect(dashboard.panels[0]?.type).toBe('row');
});

test('the alerts that docs/operations.md shows are those of the file', () => {
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const block = /```yaml\n(groups:[^`]*)```/.exec(page)?.[1] ?? '';
  const shown = (parse(block) as Rules).groups.flatMap((group) => group.rules);
  expect(shown.length).toBeGreaterThan(0);
  expect(rules.slice(0, shown.length)).toEqual(shown);
});

const missing = missingProgram('promtool');
const testPromtool = testIf(missing === undefined, missing ?? '');

async function promtool(...args: string[]): Promise<void> {
  const { code, output } = await runProcess('promtool', args);
  expect(code, output).toBe(0);
}

testPromtool('promtool takes the alerts, and the configuration that has them', async () => {
  await promtool('check', 'rules', join(folder, 'alerts.yaml'));
  await promtool('check', 'config', join(folder, 'prometheus.yml'));
});

testPromtool('promtool takes each question of the dashboard', async () => {
  const file = join(makeTempDir(), 'rules.yaml');
  const asRules = expressions.map((expr, index) => ({ record: `expression_${index}`, expr }));
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: asRules }] }));
  await promtool('check', 'rules', file);
});

testPromtool('alerts fire when they should, and only then', async () => {
  await promtool('test', 'rules', join(import.meta.dirname, 'alerts.test.yaml'));
});
