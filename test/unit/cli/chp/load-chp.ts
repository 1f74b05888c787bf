import { chpOptions } from '../../../../src/cli/chp/chp-options.ts';
import { loadChp } from '../../../../src/cli/chp/load.ts';
import { readWords } from '../../../../src/cli/words.ts';
import { ConfigError, formatProblem } from '../../../../src/config/problem.ts';
import type { ReadFile } from '../../../../src/config/read-file.ts';
import { makeCertificate } from '../../../support/certificate.ts';

export const PEM = makeCertificate();

/** Every key file is the same key, every other file the same certificate, but those in /no, of which only copies are left. */
const readFile: ReadFile = (path) => {
  if (path.endsWith('certificates.json')) {
    return { text: JSON.stringify({ '/no/key': PEM.key, '/no/cert': PEM.cert }), mode: 0o600 };
  }
  if (path.includes('token')) return { text: 'only-reads\n', mode: 0o600 };
  if (path.startsWith('/no')) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  return { text: path.includes('key') ? PEM.key : PEM.cert, mode: 0o600 };
};

const OPTIONS = Object.assign({}, ...chpOptions().map(({ options }) => options));

/** The configuration that a command line of CHP stands for. */
export function load(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return loadChp({ words: readWords(argv, OPTIONS), env: { HOME: '/home/ann', ...env }, cwd: '/cwd', readFile });
}

/** All that is wrong with a command line. */
export function problemsOf(argv: readonly string[]): string[] {
  try {
    load(argv);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(formatProblem);
    throw error;
  }
  throw new Error('the command line was accepted');
}
