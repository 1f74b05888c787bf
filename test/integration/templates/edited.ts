import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { main } from '../../../src/cli/main.ts';
import { nginxCatalogue } from '../../../src/proxies/nginx/catalogue.ts';
import { makeTempDir } from '../../support/tmp.ts';
import type { Scene } from '../scene.ts';

/** The same scene with a copy of every template, each of them edited. */
export function withEditedTemplates({ start, ...scene }: Scene): Scene {
  return {
    ...scene,
    async start({ args = [], ...options } = {}) {
      return start({ args: ['--templates', await ejectAll(), ...args], ...options });
    },
  };
}

async function ejectAll(): Promise<string> {
  const folder = makeTempDir();
  const io = { env: {}, out() {}, err: (text: string) => console.error(text) };
  for (const name of Object.keys(nginxCatalogue.templates)) {
    const code = await main(['templates', 'eject', name, '--templates', folder], io);
    if (code !== 0) throw new Error(`templates eject ${name} ended with ${code}`);
  }
  for (const path of readdirSync(join(folder, 'nginx'), { recursive: true, encoding: 'utf8' })) {
    if (extname(path) === '.conf' && !path.startsWith('.')) edit(join(folder, 'nginx', path));
  }
  appendFileSync(join(folder, 'nginx/snippets/server.conf'), 'add_header X-Own "$request_uri" always;\n');
  return folder;
}

/** A comment in front and one behind, so that every template is another text than ours. */
function edit(file: string): void {
  writeFileSync(file, `# mine: "{'\n${readFileSync(file, 'utf8')}\n# mine }\n`);
}
