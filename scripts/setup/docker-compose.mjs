import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { lastLines, run, tools, which } from './run.mjs';

const module = 'github.com/docker/compose/v2@v2.40.3';
const config = join(tools, 'docker');
const plugin = join(config, 'cli-plugins/docker-compose');

/**
 * `docker compose` is a plug-in that distributions leave out. Where there is Go it can be built, once, in some minutes.
 * @returns {Promise<{ env: Record<string, string>, reason?: string }>} `env` has `docker` find the plug-in.
 */
export async function ensureCompose(/** @type {{ progress: (line: string) => void, build: boolean }} */ options) {
  if ((await run('docker', ['compose', 'version'], { timeout: 10_000 })).ok) return { env: {} };
  if (!existsSync(plugin)) {
    const reason = options.build ? await build(options.progress) : 'npm run test:docker builds it';
    if (reason !== undefined) return { env: {}, reason: `docker has no compose: ${reason}` };
  }
  return { env: { DOCKER_CONFIG: config } };
}

/** @returns {Promise<string | undefined>} why it could not be built. */
async function build(/** @type {(line: string) => void} */ progress) {
  if (!which('go')) return 'install the plug-in docker-compose, or Go to build it with';
  progress('building docker compose for the tests (into .tools, some minutes)');
  const limits = { timeout: 900_000 };
  const downloaded = await run('go', ['mod', 'download', '-json', module], { ...limits, cwd: homedir() });
  const folder = /"Dir": "(.*)"/.exec(downloaded.output)?.[1];
  if (folder === undefined) return lastLines(downloaded.output, 1);
  mkdirSync(join(config, 'cli-plugins'), { recursive: true });
  // The user's own settings, such as registries, stay in force.
  const own = join(homedir(), '.docker/config.json');
  if (existsSync(own)) cpSync(own, join(config, 'config.json'));
  const built = await run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', plugin, './cmd'], {
    ...limits,
    cwd: folder,
  });
  return built.ok ? undefined : lastLines(built.output, 1);
}
