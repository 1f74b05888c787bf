import { SignalboxError } from '../../errors.ts';
import type { TemplateTrial } from '../../rollout/template-trial.ts';
import type { Deployment } from './deployment.ts';
import type { NginxHost } from './host.ts';
import type { RowRenderer } from './map-index.ts';
import type { Rendering } from './rendering.ts';
import type { NginxTable } from './table.ts';

export interface DeployTemplates {
  readonly templates: TemplateTrial<Rendering>;
  readonly table: NginxTable;
  readonly deployment: Deployment;
  readonly host: NginxHost;
}

/** Deploys the table with the newest templates, else with the last good ones. */
export async function deployTemplates(
  { templates, table, deployment, host }: DeployTemplates,
  pins: readonly string[],
): Promise<void> {
  const shape = (renderer: RowRenderer) => table.shape(renderer);
  await templates.use(async (rendering, fallback) => {
    const rendered = rendering.configOf(shape, pins);
    if (fallback && host.up && !host.canReload && rendered.version !== deployment.version) throw unreloadable();
    try {
      await deployment.deploy(rendered, table.rows());
    } catch (error) {
      const blamed = rendering.blame(error, shape, pins);
      if (error instanceof SignalboxError && blamed instanceof SignalboxError)
        blamed.keys = rendering.keysAt(error, rendered, table.rows());
      throw blamed;
    }
  });
}

/** Better the old templates than a configuration that waits for somebody to reload nginx, and routes that wait with it. */
function unreloadable(): SignalboxError {
  return new SignalboxError('TEMPLATE_FAILED', 'templates changed, and there is no way to reload nginx', {
    hint: 'Set --nginx-pid-file or --reload-command.',
  });
}
