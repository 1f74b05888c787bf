import { SignalboxError } from '../errors.ts';
import { run } from './run.ts';

/** All that a proxy's program says when it is asked for its version. Throws PROXY_MISSING with `hint` when it does not run. */
export async function versionText(program: string, args: readonly string[], hint: string): Promise<string> {
  const { stdout, stderr, failure } = await run(program, args);
  if (failure === undefined) return stdout + stderr;
  const said = stderr.trim().split('\n', 1)[0];
  throw new SignalboxError('PROXY_MISSING', `${program} does not run: ${said || failure}`, { hint });
}
