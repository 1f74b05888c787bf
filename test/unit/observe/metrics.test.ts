import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/observe/metrics.ts';
import type { Draining } from '../../../src/proxies/driver.ts';
import type { TemplateProblem } from '../../../src/rollout/template-trial.ts';

function metrics() {
  const state = {
    ...{ routes: 3, wanted: 9, served: 8, up: true, reloads: 4 },
    draining: { workers: 2, generations: 1, bytes: 5_000 as number | undefined } as Draining | undefined,
    pins: { targets: 9, share: 0.75 as number | undefined },
    refused: [] as { key: string; reason: string }[],
    templates: { problem: undefined as TemplateProblem | undefined },
    activity: { lines: 7, unreadable: 1, backlogBytes: 100, blind: null as string | null },
    open: { websockets: 5, people: 3 } as { websockets: number | null; people: number | null },
  };
  const made = createMetrics({
    version: '1.2.3',
    driver: 'nginx',
    sources: {
      routes: () => state.routes,
      generation: () => state,
      refused: () => state.refused,
      proxy: () => state,
      activity: () => state.activity,
      open: () => state.open,
    },
  });
  return { made, state, text: async () => (await made.render()).text };
}

describe('metrics', () => {
  it('name file, line and reason of a template that is refused, while it is', async () => {
    const { state, text } = metrics();
    expect(await text()).not.toMatch(/^signalbox_template_error/m);
    state.templates.problem = { time: 0, file: 'proxy.conf', line: 3, message: 'it says "no"' };
    expect(await text()).toContain(
      'signalbox_template_error{file="proxy.conf",line="3",reason="it says \\"no\\""} 1\n',
    );
    state.templates.problem = undefined;
    expect(await text()).not.toMatch(/^signalbox_template_error/m);
  });

  it('count the routes that are refused and name some, while they are', async () => {
    const { state, text } = metrics();
    expect(await text()).toMatch(/^signalbox_refused_routes 0$/m);
    state.refused = Array.from({ length: 30 }, (_, i) => ({ key: `/user/${i}`, reason: 'no "row"' }));
    const named = await text();
    expect(named).toMatch(/^signalbox_refused_routes 30$/m);
    expect(named.match(/^signalbox_refused_route\{key="\/user\/\d+",reason="no \\"row\\""\} 1$/gm)).toHaveLength(20);
    state.refused = [];
    expect(await text()).not.toMatch(/^signalbox_refused_route\{/m);
  });

  it('read their sources at each scrape', async () => {
    const { state, text } = metrics();
    expect(await text()).toMatch(/^signalbox_routes 3$/m);
    state.routes = 5;
    state.up = false;
    const second = await text();
    expect(second).toMatch(/^signalbox_routes 5$/m);
    expect(second).toMatch(/^signalbox_proxy_up 0$/m);
    expect(second).toMatch(/^signalbox_generation_wanted 9$/m);
    expect(second).toMatch(/^signalbox_generation_served 8$/m);
    expect(second).toMatch(/^signalbox_reloads_total 4$/m);
    expect(second).toMatch(/^signalbox_draining_workers 2$/m);
    expect(second).toMatch(/^signalbox_draining_generations 1$/m);
    expect(second).toMatch(/^signalbox_draining_bytes 5000$/m);
    expect(second).toMatch(/^signalbox_pinned_targets 9$/m);
    expect(second).toMatch(/^signalbox_pinned_share 0.75$/m);
    expect(second).toMatch(/^signalbox_activity_lines_total 7$/m);
    expect(second).toMatch(/^signalbox_activity_unreadable_lines_total 1$/m);
    expect(second).toMatch(/^signalbox_activity_backlog_bytes 100$/m);
    expect(second).toMatch(/^signalbox_activity_blind 0$/m);
    expect(second).toMatch(/^signalbox_info\{version="1.2.3",driver="nginx"\} 1$/m);
  });

  it('leave out a value that is not known', async () => {
    const { state, text } = metrics();
    state.draining = undefined;
    state.pins.share = undefined;
    expect(await text()).toMatch(/^signalbox_open_websockets 5$/m);
    expect(await text()).toMatch(/^signalbox_connected_people 3$/m);
    state.open = { websockets: null, people: null };
    expect(await text()).not.toMatch(/^signalbox_(?:draining|pinned_share|open|connected)/m);
  });

  it('count changes by kind, and passes by how they ended', async () => {
    const { made, text } = metrics();
    made.countChange('post');
    made.countChange('post');
    made.countChange('put');
    made.observePass(0.02, undefined);
    made.observePass(0.5, new Error('no'));
    const shown = await text();
    expect(shown).toMatch(/^signalbox_changes_total\{kind="post"\} 2$/m);
    expect(shown).toMatch(/^signalbox_changes_total\{kind="put"\} 1$/m);
    expect(shown).toMatch(/^signalbox_apply_seconds_count 1$/m);
    expect(shown).toMatch(/^signalbox_apply_failures_total 1$/m);
  });

  it('have the usual process metrics, and live in a registry of their own', async () => {
    metrics();
    const { made } = metrics();
    const { text, contentType } = await made.render();
    expect(text).toMatch(/^process_cpu_seconds_total/m);
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  });
});
