import { SignalboxError } from '../../errors.ts';
import { run } from '../../process/run.ts';

/** How long a command may take, ms. */
const COMMAND_MS = 30_000;

/**
 * Runs the operator's command, without input. It is over when the shell ends, even if something in the background holds its
 * output open. When it takes too long, it is killed with all that it started.
 */
export async function runReloadCommand(command: string, limitMs = COMMAND_MS): Promise<void> {
  const { stderr, failure } = await run('/bin/sh', ['-c', command], { limitMs, leavesBehind: true });
  if (failure === undefined) return;
  throw new SignalboxError('PROXY_NOT_CONFIRMED', `the reload command failed: ${lastLine(stderr) || failure}`, {
    hint: 'It must end by itself and ask nothing; what it does in the background is not waited for.',
  });
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1);
}
