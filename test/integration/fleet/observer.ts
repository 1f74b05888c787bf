import { expect } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { contradictions, type Happening, type Write } from '../../support/history.ts';
import type { Answer } from '../../support/raw-http.ts';
import type { Member } from './scene.ts';

/** Does things to a fleet as Hubs and users do, and notes what came of each. */
export class Observer {
  readonly history: Happening[] = [];
  readonly backends: readonly Backend[];
  /** Answers that said no, by their code. */
  readonly refused: Record<string, number> = {};

  private constructor(backends: readonly Backend[]) {
    this.backends = backends;
  }

  static async start(count = 4): Promise<Observer> {
    return new Observer(
      await Promise.all(Array.from({ length: count }, (_, index) => startBackend({ name: `backend-${index}` }))),
    );
  }

  /** Of one of the backends. */
  target(index: number): string {
    return this.backends[index % this.backends.length]?.url as string;
  }

  set(member: Member, key: string, target: string): Promise<number> {
    return this.#write(member, 'POST', `/api/routes${key}`, { target }, { whole: false, put: { [key]: target } });
  }

  remove(member: Member, key: string): Promise<number> {
    return this.#write(member, 'DELETE', `/api/routes${key}`, undefined, { whole: false, put: { [key]: undefined } });
  }

  put(member: Member, table: Readonly<Record<string, string>>): Promise<number> {
    const body = Object.fromEntries(Object.entries(table).map(([key, target]) => [key, { target }]));
    return this.#write(member, 'PUT', '/api/routes', body, { whole: true, put: table });
  }

  async #write(member: Member, method: string, path: string, body: unknown, write: Write): Promise<number> {
    const began = performance.now();
    const note = (more: { kind: 'unknown' } | { kind: 'write'; generation: number }) =>
      this.history.push({ ...more, write, began, ended: performance.now() });
    let answer: Answer;
    try {
      answer = await member.api(method, path, body);
    } catch {
      note({ kind: 'unknown' });
      return 0;
    }
    const { status } = answer;
    if (status < 300 || (method === 'DELETE' && status === 404)) {
      note({ kind: 'write', generation: Number(answer.header('signalbox-generation')) });
      return status;
    }
    const { code, hint = '' } = answer.json<{ code: string; hint?: string }>();
    this.refused[code] = (this.refused[code] ?? 0) + 1;
    // Of what is said to be stored the generation isn't; of what is said not to be nothing must ever be seen.
    if (!/Nothing was changed/.test(hint)) note({ kind: 'unknown' });
    return status;
  }

  /** The table as a replica shows it; one that says that it may be old is no answer. */
  async read(member: Member): Promise<void> {
    const began = performance.now();
    const answer = await member.api('GET', '/api/routes').catch(() => undefined);
    if (answer?.status !== 200 || answer.header('signalbox-stale') !== undefined) return;
    const table = Object.fromEntries(
      Object.entries(answer.json<Record<string, { target: string }>>()).map(([key, { target }]) => [key, target]),
    );
    const generation = Number(answer.header('signalbox-generation'));
    this.history.push({ kind: 'read', table, generation, began, ended: performance.now() });
  }

  /** What a user gets whom a balancer sends to this replica: only while it says that it is ready. */
  async visit(member: Member, key: string): Promise<void> {
    try {
      if ((await member.api('GET', '/readyz')).status !== 200) return;
      const began = performance.now();
      const answer = await member.get(`${key}/`);
      const ended = performance.now();
      if ((await member.api('GET', '/readyz')).status !== 200) return;
      const name = answer.status === 200 ? answer.json<{ backend: string }>().backend : undefined;
      const target = this.backends.find((backend) => backend.name === name)?.url;
      if (name === undefined) expect(answer.status).toBe(404);
      this.history.push({ kind: 'visit', key, target, began, ended });
    } catch (error) {
      // Nobody is there.
      if ((error as Error).name === 'AssertionError') throw error;
    }
  }

  get answered(): number {
    return this.history.filter(({ kind }) => kind === 'write').length;
  }

  /** Was there one table, and did each answer tell of it as it then was? */
  expectConsistent(): void {
    expect(contradictions(this.history)).toEqual([]);
  }
}
