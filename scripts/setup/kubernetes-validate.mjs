import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withSetupLock } from './lock.mjs';
import { lastLines, run, tools, which } from './run.mjs';

// Brings the schemas of Kubernetes' API along, so that nothing has to be asked for over the network.
const requirement = 'kubernetes-validate==1.37.*';
const folder = join(tools, 'kubernetes-validate');

/**
 * A validator of Kubernetes manifests. A machine without Python or the package index is no error: the tests are skipped with the reason.
 * @param {{ progress?: (line: string) => void }} [options]
 * @returns {Promise<{ folder?: string, reason: string }>} `folder`: what PYTHONPATH has to be
 */
export async function ensureKubernetesValidate({ progress = console.log } = {}) {
  if (existsSync(join(folder, 'kubernetes_validate'))) return { folder, reason: '' };
  if (!which('python3')) return { reason: 'there is no python3' };
  return withSetupLock(progress, async () => {
    progress('installing kubernetes-validate for the tests (into .tools)');
    mkdirSync(tools, { recursive: true });
    const options = ['--quiet', '--disable-pip-version-check', '--no-input', '--target', folder];
    const { ok, output } = await run('python3', ['-m', 'pip', 'install', ...options, requirement], {
      timeout: 120_000,
    });
    return ok ? { folder, reason: '' } : { reason: lastLines(output, 1) };
  });
}
