import { proxyEnvironment } from '../../process/environment.ts';
import { run } from '../../process/run.ts';

/** nginx looks up host names that somebody wrote into a template. */
const LIMIT_MS = 60_000;

/**
 * `nginx -t` on a configuration that isn't in place: undefined when nginx would take it, else what nginx says, one line.
 * See "Command-line parameters" in nginx's documentation.
 */
export async function testConfig(nginx: string, dir: string, configFile: string): Promise<string | undefined> {
  const { stderr, failure } = await run(nginx, ['-t', '-q', '-p', dir, '-e', 'stderr', '-c', configFile], {
    cwd: dir,
    env: proxyEnvironment(),
    limitMs: LIMIT_MS,
  });
  if (failure === undefined) return undefined;
  const said = stderr.split('\n').filter((line) => /\[(emerg|alert|crit|error)\]/.test(line));
  const plain = said.map((line) => line.replace(/^(?:nginx:|\S+ \S+) (\[\w+\])(?: \d+#\d+:)? /, '$1 '));
  return plain.join('; ') || failure;
}
