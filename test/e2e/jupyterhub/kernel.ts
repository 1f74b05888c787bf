import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { until } from '../../support/wait.ts';
import type { Browser } from './browser.ts';

interface Message {
  readonly channel: string;
  readonly header: { readonly msg_type: string };
  readonly parent_header: { readonly msg_id?: string };
  readonly content: Readonly<Record<string, unknown>>;
}

export interface Kernel {
  readonly socket: WebSocket;
  /** Runs code; gives what the last line is worth, as text. */
  run(code: string): Promise<string>;
}

/** Starts a kernel in a single-user server and opens its websocket; both through the proxy. */
export async function startKernel(browser: Browser, serverUrl: URL): Promise<Kernel> {
  const started = await browser.fetch('POST', new URL('api/kernels', serverUrl), { name: 'python3' });
  if (started.status !== 201) throw new Error(`no kernel: ${started.status} ${started.text()}`);
  const session = randomUUID();
  const { id } = started.json<{ id: string }>();
  const socket = await browser.openWebSocket(new URL(`api/kernels/${id}/channels?session_id=${session}`, serverUrl));
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(data.toString())));

  return {
    socket,
    // Jupyter's messages as JSON, which is what a websocket without a subprotocol speaks.
    async run(code) {
      const id = randomUUID();
      const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
      const header = { msg_id: id, session, username: '', msg_type: 'execute_request', version: '5.3', date: '' };
      socket.send(JSON.stringify({ channel: 'shell', header, parent_header: {}, metadata: {}, content, buffers: [] }));
      const answer = (type: string) =>
        messages.find((one) => one.parent_header.msg_id === id && one.header.msg_type === type);
      const reply = await until(() => answer('execute_reply'), { timeout: 30_000, what: `the kernel to run ${code}` });
      if (reply.content.status !== 'ok') throw new Error(JSON.stringify(reply.content));
      const result = await until(() => answer('execute_result'), { what: `the result of ${code}` });
      return (result.content.data as Record<string, string>)['text/plain'] ?? '';
    },
  };
}
