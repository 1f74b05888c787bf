import { until } from '../../support/wait.ts';
import type { Browser } from './browser.ts';

/** A terminal in a single-user server, over its websocket through the proxy. */
export interface Terminal {
  type(text: string): void;
  /** Resolves when the terminal has shown something since the last call. */
  echoed(): Promise<void>;
}

/** Opens a new terminal. The protocol is terminado's: `["stdin", text]`, `["stdout", text]`. */
export async function openTerminal(browser: Browser, serverUrl: URL): Promise<Terminal> {
  const answer = await browser.fetch('POST', new URL('api/terminals', serverUrl), {});
  if (answer.status !== 200) throw new Error(`no terminal: ${answer.status} ${answer.text()}`);
  const { name } = answer.json<{ name: string }>();
  const socket = await browser.openWebSocket(new URL(`terminals/websocket/${name}`, serverUrl));
  let shown = 0;
  let seen = 0;
  socket.on('message', () => {
    shown++;
  });
  return {
    type: (text) => socket.send(JSON.stringify(['stdin', text])),
    async echoed() {
      await until(() => shown > seen, { what: 'an echo of the terminal', interval: 200 });
      seen = shown;
    },
  };
}
