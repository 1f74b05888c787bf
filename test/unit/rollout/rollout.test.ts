import { describe, expect, test } from 'vitest';
import { SignalboxError } from '../../../src/errors.ts';
import { configuration, FakeProxy } from './fake-proxy.ts';

/** A proxy that serves `a`, with a rollout that knows it. */
async function proxyWithA(...over: Parameters<FakeProxy['rollout']>) {
  const proxy = new FakeProxy();
  const rollout = proxy.rollout(...over);
  await rollout.run(configuration('a'), false);
  proxy.events.length = 0;
  return { proxy, rollout };
}

describe('a configuration', () => {
  test('is staged, placed and told, and kept when the proxy shows it', async () => {
    const { proxy, rollout } = await proxyWithA();
    await rollout.run(configuration('b'), false);
    expect(proxy.events).toEqual(['staged b', 'placed b', 'told']);
    expect(proxy).toMatchObject({ inPlace: 'b', good: 'b' });
    expect(rollout).toMatchObject({ digest: 'b', count: 2 });
  });

  test('that is in place and served takes nothing', async () => {
    const { proxy, rollout } = await proxyWithA();
    await rollout.run(configuration('a'), false);
    expect(proxy.events).toEqual([]);
  });

  test('that is in place starts a proxy that is down, which reads it by that', async () => {
    const { proxy, rollout } = await proxyWithA();
    proxy.up = false;
    await rollout.run(configuration('b'), false);
    expect(proxy.events).toEqual(['staged b', 'placed b', 'started']);
  });

  test('of a proxy that looks by itself is waited for, and not told', async () => {
    const { proxy, rollout } = await proxyWithA({ reload: undefined });
    await rollout.run(configuration('b'), false);
    expect(proxy).toMatchObject({ events: ['staged b', 'placed b'], good: 'b' });
    expect(rollout.count).toBe(2);
  });

  test('is over only when nothing older serves any more', async () => {
    const { proxy, rollout } = await proxyWithA();
    let looks = 0;
    const patient = proxy.rollout({
      reload: () => {
        proxy.serves = 'b';
        return { told: Promise.resolve(), isOver: () => ++looks === 3 };
      },
    });
    await patient.run(configuration('b'), false);
    expect(looks).toBe(3);
    expect(rollout.digest).toBe('a');
  });
});

describe('a refusal', () => {
  test('by the test leaves everything as it is', async () => {
    const { proxy, rollout } = await proxyWithA();
    proxy.testSays = 'unknown directive';
    await expect(rollout.run(configuration('b'), false)).rejects.toThrow('unknown directive');
    expect(proxy).toMatchObject({ inPlace: 'a', serves: 'a', events: [] });
    expect(rollout.digest).toBe('a');
  });

  test('that the proxy tells brings the last good one back at once', async () => {
    const { proxy, rollout } = await proxyWithA({ patience: { baseMs: 3_600_000, rowMs: 0 } });
    proxy.onTold = () => void proxy.refusals.push('no such file');
    await expect(rollout.run(configuration('b'), false)).rejects.toMatchObject({
      code: 'PROXY_REFUSED_CONFIG',
      message: 'the proxy refuses the configuration: no such file',
    });
    expect(proxy.events).toEqual(['staged b', 'placed b', 'told', 'restored a']);
    expect(proxy).toMatchObject({ inPlace: 'a', serves: 'a' });
  });

  test('of a part of what it serves has it told of the last good one', async () => {
    const { proxy, rollout } = await proxyWithA();
    proxy.onTold = () => {
      proxy.serves = proxy.inPlace;
      if (proxy.inPlace === 'b') proxy.refusals.push('router x can not be built');
    };
    await expect(rollout.run(configuration('b'), false)).rejects.toMatchObject({ code: 'PROXY_REFUSED_CONFIG' });
    expect(proxy.serves).toBe('a');
    expect(proxy.logged.join()).toContain('put the last good configuration back');
  });

  test('that nobody could hear may be one when the proxy was told and goes on with what it had: it goes, and new templates alone are blamed', async () => {
    const { proxy, rollout } = await proxyWithA({ hearsRefusals: () => false });
    proxy.onTold = () => {};
    await expect(rollout.run(configuration('b'), false)).rejects.toMatchObject({ code: 'PROXY_NOT_CONFIRMED' });
    expect(proxy.inPlace).toBe('a');
    await expect(rollout.run(configuration('c'), true)).rejects.toMatchObject({ code: 'PROXY_REFUSED_CONFIG' });
    expect(proxy.inPlace).toBe('a');
  });

  test('that nobody could hear is suspected of new templates alone where the proxy looks by itself', async () => {
    const { proxy, rollout } = await proxyWithA({ hearsRefusals: () => false, reload: undefined });
    proxy.onTold = () => {};
    await expect(rollout.run(configuration('b'), false)).rejects.toMatchObject({ code: 'PROXY_NOT_CONFIRMED' });
    expect(proxy.inPlace).toBe('b');
    await expect(rollout.run(configuration('c'), true)).rejects.toMatchObject({ code: 'PROXY_REFUSED_CONFIG' });
    expect(proxy.inPlace).toBe('a');
  });

  test('that was said of something earlier is not held against it', async () => {
    const { proxy, rollout } = await proxyWithA();
    proxy.refusals.push('yesterday');
    await rollout.run(configuration('b'), false);
    expect(proxy.good).toBe('b');
  });

  test('whose restoring fails is reported with both reasons', async () => {
    const { proxy, rollout } = await proxyWithA();
    proxy.onTold = () => void proxy.refusals.push('bad');
    proxy.restore = () => {
      throw new Error('no room');
    };
    await expect(rollout.run(configuration('b'), false)).rejects.toThrow('bad');
    expect(proxy.logged.join()).toContain('could not put the last good configuration back: no room');
  });
});

describe('a proxy that is slow', () => {
  test('keeps what is in place, is not told a second time, and is told again when that was not enough either', async () => {
    const { proxy, rollout } = await proxyWithA();
    proxy.onTold = () => {};
    for (let run = 0; run < 3; run++) {
      await expect(rollout.run(configuration('b'), false)).rejects.toMatchObject({ code: 'PROXY_NOT_CONFIRMED' });
    }
    expect(proxy.events).toEqual(['staged b', 'placed b', 'told', 'told']);
    proxy.serves = 'b';
    await rollout.run(configuration('b'), false);
    expect(proxy).toMatchObject({ good: 'b', inPlace: 'b' });
  });

  test('is not believed while something older takes requests, however often it is looked at', async () => {
    const { proxy } = await proxyWithA();
    let isOver = false;
    const rollout = proxy.rollout({
      reload: () => {
        proxy.serves = 'b';
        return { told: Promise.resolve(), isOver: () => isOver };
      },
    });
    for (let run = 0; run < 3; run++) {
      await expect(rollout.run(configuration('b'), false)).rejects.toMatchObject({ code: 'PROXY_NOT_CONFIRMED' });
    }
    isOver = true;
    await rollout.run(configuration('b'), false);
    expect(rollout.count).toBe(1);
  });

  test('gets more time for more routes', async () => {
    const { proxy, rollout } = await proxyWithA({ patience: { baseMs: 0, rowMs: 1_000 } });
    proxy.onTold = () => void setImmediate(() => setImmediate(() => Object.assign(proxy, { serves: 'b' })));
    await rollout.run(configuration('b', 100), false);
    expect(proxy.good).toBe('b');
  });

  test('may have been told by a command that takes longer than the proxy does', async () => {
    const { proxy, rollout } = await proxyWithA();
    proxy.onTold = () => {
      proxy.serves = 'b';
      return new Promise(() => {});
    };
    await rollout.run(configuration('b'), false);
    expect(proxy.good).toBe('b');
  });
});

test('a command that could not tell the proxy is the reason', async () => {
  const { proxy, rollout } = await proxyWithA();
  proxy.onTold = () => Promise.reject(new SignalboxError('PROXY_DOWN', 'no such process'));
  await expect(rollout.run(configuration('b'), false)).rejects.toThrow('no such process');
  expect(proxy.inPlace).toBe('b');
});

test('a proxy that ends meanwhile is not waited for', async () => {
  const { proxy, rollout } = await proxyWithA({ patience: { baseMs: 3_600_000, rowMs: 0 } });
  proxy.onTold = () => {
    proxy.up = false;
  };
  await expect(rollout.run(configuration('b'), false)).rejects.toMatchObject({ code: 'PROXY_DOWN' });
});

test('what users do not get of it is said, and it stays; with new templates to blame it goes', async () => {
  const { proxy, rollout } = await proxyWithA();
  proxy.flaw = 'our routes are left out';
  await expect(rollout.run(configuration('b'), false)).rejects.toMatchObject({ code: 'PROXY_NOT_CONFIRMED' });
  expect(proxy.inPlace).toBe('b');
  await expect(rollout.run(configuration('c'), true)).rejects.toMatchObject({ code: 'PROXY_REFUSED_CONFIG' });
  expect(proxy.inPlace).toBe('a');
});

test('what was taken away is noticed, and a proxy that was started anew is waited for', async () => {
  const { proxy, rollout } = await proxyWithA();
  proxy.up = false;
  await rollout.hold();
  expect(proxy).toMatchObject({ events: ['started'], serves: 'a' });
  expect(rollout.isIntact()).toBe(true);
  proxy.inPlace = undefined;
  expect(rollout.isIntact()).toBe(false);
});
