import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Answer, Poller, type Question } from '../../../../src/dashboard/page/poll.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Request {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly answer: (data: unknown) => void;
  readonly fail: (error: unknown) => void;
}

function pollerWith({ isVisible = () => true }: { isVisible?: () => boolean } = {}) {
  const requests: Request[] = [];
  const get = (path: string, signal: AbortSignal) =>
    new Promise((answer, fail) => {
      signal.addEventListener('abort', () => fail(new Error('aborted')));
      requests.push({ path, signal, answer, fail });
    });
  const poller = new Poller({ get, isVisible });
  const paths = () => requests.map(({ path }) => path);
  const answerLast = async (data: unknown = {}) => {
    requests.at(-1)?.answer(data);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { poller, requests, paths, answerLast };
}

const question = (name: string, every = 2_000): Question<unknown> => ({ name, path: () => name, every });
const nothing = () => {};

describe('polling', () => {
  test('asks for one thing at a time, and again two seconds later', async () => {
    const { poller, paths, answerLast } = pollerWith();
    poller.watch(question('a'), nothing);
    poller.watch(question('b'), nothing);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(paths()).toEqual(['a']);
    await answerLast();
    expect(paths()).toEqual(['a', 'b']);
    await answerLast();
    await vi.advanceTimersByTimeAsync(900);
    expect(paths()).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(200);
    expect(paths()).toEqual(['a', 'b', 'a']);
  });

  test('asks for nothing while nobody sees it, and for everything then', async () => {
    let isVisible = false;
    const { poller, paths, answerLast } = pollerWith({ isVisible: () => isVisible });
    poller.watch(question('a'), nothing);
    poller.watch(question('slow', 60_000), nothing);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(paths()).toEqual([]);
    isVisible = true;
    poller.refresh();
    await vi.advanceTimersByTimeAsync(0);
    await answerLast();
    expect(paths()).toEqual(['a', 'slow']);
  });

  test('keeps the last data when a request fails, and says so', async () => {
    const { poller, requests, answerLast } = pollerWith();
    const answers: Answer<unknown>[] = [];
    poller.watch(question('a'), (answer) => answers.push(answer));
    await vi.advanceTimersByTimeAsync(0);
    await answerLast('data');
    await vi.advanceTimersByTimeAsync(2_000);
    requests.at(-1)?.fail(new Error('gone'));
    await vi.advanceTimersByTimeAsync(0);
    expect(answers.at(-1)).toMatchObject({ data: 'data', error: new Error('gone'), at: answers[0]?.at });
    await vi.advanceTimersByTimeAsync(2_000);
    await answerLast('newer');
    expect(answers.at(-1)).toMatchObject({ data: 'newer', error: undefined });
  });

  test('gives up what nobody waits for, so that others need not wait', async () => {
    const { poller, requests, paths } = pollerWith();
    const stop = poller.watch(question('a'), nothing);
    await vi.advanceTimersByTimeAsync(0);
    poller.watch(question('b'), nothing);
    stop();
    await vi.advanceTimersByTimeAsync(0);
    expect(requests[0]?.signal.aborted).toBe(true);
    expect(paths()).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(paths()).toEqual(['a', 'b']);
  });

  test('asks for what is new, given what is known', async () => {
    const { poller, paths, answerLast } = pollerWith();
    const answers: Answer<number>[] = [];
    const sum: Question<number> = {
      name: 'sum',
      path: (known) => `after ${known}`,
      merge: (known = 0, newer) => known + newer,
      every: 2_000,
    };
    poller.watch(sum, (answer) => answers.push(answer));
    await vi.advanceTimersByTimeAsync(0);
    await answerLast(3);
    await vi.advanceTimersByTimeAsync(2_000);
    await answerLast(4);
    expect(paths()).toEqual(['after undefined', 'after 3']);
    expect(answers.at(-1)?.data).toBe(7);
  });

  test('tells who comes later what is known', async () => {
    const { poller, paths, answerLast } = pollerWith();
    poller.watch(question('a'), nothing);
    await vi.advanceTimersByTimeAsync(0);
    await answerLast('data');
    const told: unknown[] = [];
    poller.watch(question('a'), ({ data }) => told.push(data));
    expect(told).toEqual(['data']);
    expect(paths()).toEqual(['a']);
  });

  test('ends when it is stopped', async () => {
    const { poller, paths, answerLast } = pollerWith();
    poller.watch(question('a'), nothing);
    await vi.advanceTimersByTimeAsync(0);
    poller.stop();
    await answerLast();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(paths()).toEqual(['a']);
  });
});
