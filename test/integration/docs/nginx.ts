import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '../../support/process.ts';
import { anyProxy } from '../../support/proxies.ts';
import { makeTempDir } from '../../support/tmp.ts';
import type { Scene } from './scene.ts';

/** Of the distribution's nginx they lie where only its package makes folders; so does its log. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path tmp/${name};`);

/** From the outermost place where a snippet may stand to the innermost. */
const PLACES: readonly ((snippet: string) => string)[] = [
  (snippet) => snippet,
  (snippet) => http(snippet),
  (snippet) => http(`server { ${snippet} }`),
  (snippet) => http(`server { location / { ${snippet} } }`),
];

function http(content: string): string {
  return `events {} http { access_log off; ${TEMPORARY.join(' ')} ${content} }`;
}

/** `nginx -t` takes the snippet in one of the places where it may stand; else throws what nginx said of it in each. */
export async function checkNginx(text: string, scene: Scene): Promise<void> {
  const folder = makeTempDir();
  for (const name of ['logs', 'tmp']) mkdirSync(join(folder, name));
  const said: string[] = [];
  for (const place of PLACES) {
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, `pid ${folder}/nginx.pid;\n${place(scene.fit(text))}\n`);
    const args = ['-t', '-q', '-p', folder, '-e', 'stderr', '-c', file];
    const { code, output } = await runProcess(anyProxy().path, args);
    if (code === 0) return;
    said.push(output.trim());
  }
  throw new Error(`nginx takes it nowhere:\n${said.join('\n')}`);
}
