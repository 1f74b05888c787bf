import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onCleanup } from '../../support/cleanup.ts';

/** A program that is asked by lines of JSON: `{ id, … }`, answered by `{ id, value }` or `{ id, error }` in any order. */
export interface Conversation {
  readonly pid: number;
  ask(request: object): Promise<unknown>;
  /** A line that the program says by itself, once. */
  expect(id: string): Promise<unknown>;
  say(line: object): void;
  /** Ends its input, and waits for its end. */
  end(): Promise<void>;
}

interface Waiting {
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export function startConversation([command, ...args]: [string, ...string[]], env: NodeJS.ProcessEnv): Conversation {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  onCleanup(() => child.exitCode ?? child.kill('SIGKILL'));
  const waiting = new Map<string, Waiting>();
  const waitFor = (id: string): Waiting => {
    const known = waiting.get(id) ?? Promise.withResolvers<unknown>();
    waiting.set(id, known);
    return known;
  };
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4_000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    // What a child of its own prints comes the same way.
    if (!line.startsWith('{"id"')) return;
    const { id, value, error } = JSON.parse(line);
    const { resolve, reject } = waitFor(String(id));
    if (error === undefined) resolve(value);
    else reject(new Error(`${command}: ${error}\n${log}`));
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error(`${command} ended:\n${log}`));
  });
  let last = 0;
  const say = (line: object) => void child.stdin.write(`${JSON.stringify(line)}\n`);
  const expect = async (id: string) => {
    const value = await waitFor(id).promise;
    waiting.delete(id);
    return value;
  };
  return {
    pid: child.pid ?? -1,
    say,
    expect,
    ask(request) {
      const id = ++last;
      say({ id, ...request });
      return expect(`${id}`);
    },
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}
