import { copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../../../scripts/setup/run.mjs';
import { makeTempDir } from '../../support/tmp.ts';

/**
 * Signalbox as it is installed, built from this clone: run from source it holds a compiler for TypeScript, too. Gives the path of its
 * command.
 */
export async function buildPackage(): Promise<string> {
  const folder = makeTempDir('signalbox-bench-');
  const source = join(folder, 'src');
  symlinkSync(join(root, 'src'), source);
  const { ok, output } = await run(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: folder });
  if (!ok) throw new Error(`npm run build: ${output}`);
  rmSync(source);
  mkdirSync(join(folder, 'bin'));
  for (const file of ['package.json', 'bin/signalbox.js']) copyFileSync(join(root, file), join(folder, file));
  cpSync(join(root, 'templates'), join(folder, 'templates'), { recursive: true });
  return join(folder, 'bin/signalbox.js');
}
