import { execFile } from 'node:child_process';
import { proxyEnvironment } from '../../process/environment.ts';

/**
 * `nginx -t` on a configuration that isn't in place: undefined when nginx would take it, else what nginx says, one line.
 * See "Command-line parameters" in nginx's documentation.
 */
export function testConfig(nginx: string, dir: string, configFile: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(
      nginx,
      ['-t', '-q', '-p', dir, '-e', 'stderr', '-c', configFile],
      { cwd: dir, env: proxyEnvironment() },
      (error, _, stderr) => {
        if (!error) return resolve(undefined);
        const said = stderr.split('\n').filter((line) => /\[(emerg|alert|crit|error)\]/.test(line));
        resolve(
          said.map((line) => line.replace(/^(?:nginx:|\S+ \S+) (\[\w+\])(?: \d+#\d+:)? /, '$1 ')).join('; ') ||
            error.message,
        );
      },
    );
  });
}
