import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/process.ts';
import { until, within } from '../support/wait.ts';
import { answers } from './answers.ts';
import type { Fields, RunStep } from './case.ts';
import type { RunningProxy } from './proxy.ts';
import { fill } from './side.ts';

/** Runs the program itself, to see what it says and how it ends. Texts differ by nature: what counts is where they go. */
export async function run(
  step: RunStep,
  { program, side, names }: Pick<RunningProxy, 'program' | 'side' | 'names'>,
): Promise<Fields> {
  const [port, apiPort] = [await freePort(), await freePort()];
  const own = { ...names, 'run-port': String(port), 'run-api-port': String(apiPort) };
  const [command, ...first] = program.command;
  const args = [...first, ...step.run.map((arg) => fill(arg, own))];
  if (step.signal && program.name === 'signalbox') args.push('--state-dir', join(side.folder, `run-${port}`));
  const child = startProcess(command, args, { env: { ...program.env, ...step.env } });
  const fields: Fields = {};
  const pidFile = step.pidFile && fill(step.pidFile, own);
  if (step.signal) {
    await until(async () => child.exit() !== undefined || (await answers({ port })), {
      what: `${program.name} to listen`,
    });
    if (pidFile) {
      await until(() => existsSync(pidFile), { what: 'the pid file' });
      fields['pid file'] = readFileSync(pidFile, 'utf8') === String(child.pid) ? 'its own pid' : 'something else';
    }
    const started = performance.now();
    child.kill(step.signal);
    await within(5_000, `${program.name} to end after ${step.signal}`, child.exited);
    fields['gone within a second'] = String(performance.now() - started < 1_000);
    if (pidFile) fields['pid file afterwards'] = existsSync(pidFile) ? 'still there' : 'removed';
  }
  const { code, signal } = await within(10_000, `${program.name} to end`, child.exited);
  if (code !== null) fields.code = code;
  if (signal !== null) fields.signal = signal;
  fields.stdout = child.stdout() === '' ? 'silent' : 'says something';
  fields.stderr = child.stderr() === '' ? 'silent' : 'says something';
  return fields;
}
