import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { main } from '../../../src/cli/main.ts';
import { nginxCatalogue } from '../../../src/proxies/nginx/catalogue.ts';
import { traefikCatalogue } from '../../../src/proxies/traefik/catalogue.ts';
import { makeTempDir } from '../../support/tmp.ts';
import type { Scene } from '../scene.ts';

/** The same scene with a copy of every template, each of them edited. */
export function withEditedTemplates({ start, ...scene }: Scene): Scene {
  return {
    ...scene,
    async start({ args = [], ...options } = {}) {
      return start({ args: ['--templates', await ejectAll(scene.proxy.driver), ...args], ...options });
    },
  };
}

async function ejectAll(driver: 'nginx' | 'traefik'): Promise<string> {
  const folder = makeTempDir();
  const { templates } = driver === 'nginx' ? nginxCatalogue : traefikCatalogue;
  const io = { env: {}, out() {}, err: (text: string) => console.error(text) };
  for (const name of Object.keys(templates)) {
    const code = await main(['templates', 'eject', name, '--templates', folder, '--driver', driver], io);
    if (code !== 0) throw new Error(`templates eject ${name} ended with ${code}`);
  }
  for (const path of readdirSync(join(folder, driver), { recursive: true, encoding: 'utf8' })) {
    if (['.conf', '.yml'].includes(extname(path)) && !path.startsWith('.')) edit(join(folder, driver, path));
  }
  if (driver === 'nginx')
    appendFileSync(join(folder, 'nginx/snippets/server.conf'), 'add_header X-Own "$request_uri" always;\n');
  return folder;
}

/** A comment in front and one behind, so that every template is another text than ours. */
function edit(file: string): void {
  writeFileSync(file, `# mine: "{'\n${readFileSync(file, 'utf8')}\n# mine }\n`);
}
