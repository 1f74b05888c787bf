import { Agent, fetch, WebSocket } from 'undici';
import { afterAll, expect, test } from 'vitest';
import { BIG, bigFile, describeClient } from './stage.ts';

describeClient("Node.js' fetch, through", (stage) => {
  const dispatcher = new Agent({ connections: 2 });
  afterAll(() => dispatcher.close());

  test('requests one after the other, on kept connections', async () => {
    for (let at = 0; at < 30; at += 1) {
      const answer = await fetch(`${stage.url}/${at}`, { dispatcher });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ url: `/user/ada/${at}` });
    }
  });

  test('a body, a stream, a big download, an error page', async () => {
    const { answer: uploaded } = bigFile();
    const body = Buffer.alloc(BIG, 'a body of many bytes ');
    const upload = { dispatcher, method: 'POST' } as const;
    expect(await (await fetch(`${stage.url}/upload`, { ...upload, body })).json()).toEqual(uploaded);
    const stream = new Blob([body]).stream();
    const streamed = await fetch(`${stage.url}/upload`, { ...upload, body: stream, duplex: 'half' });
    expect(await streamed.json()).toEqual(uploaded);
    const download = await fetch(`${stage.url}/bytes/${BIG}`, { dispatcher });
    expect((await download.arrayBuffer()).byteLength).toBe(BIG);
    const lost = await fetch(new URL('/nobody', stage.url), { dispatcher });
    expect([lost.status, (await lost.text()) === '']).toEqual([404, false]);
  });

  test('a websocket', async () => {
    const websocket = new WebSocket(`${stage.url.replace('http', 'ws')}/ws`);
    const opened = new Promise((resolve, reject) => {
      websocket.addEventListener('open', resolve);
      websocket.addEventListener('error', reject);
    });
    await opened;
    const echo = new Promise((resolve) => websocket.addEventListener('message', ({ data }) => resolve(data)));
    websocket.send('hello');
    expect(await echo).toBe('hello');
    const closed = new Promise<{ code: number }>((resolve) => websocket.addEventListener('close', resolve));
    websocket.close(1000);
    expect((await closed).code).toBe(1000);
  });
});
