import type { WebSocket } from 'ws';
import { startBackend } from '../../support/backend.ts';
import type { Running } from '../contenders/contender.ts';
import { openSocket } from '../load/open-socket.ts';
import { cpuSeconds } from '../machine/usage.ts';
import type { Figures, Section } from './section.ts';
import { untilServed } from './served.ts';

const SOCKETS = 20;
const PATH = '/user/websockets';

export const websocketsSection: Section = {
  title: 'Websockets',
  text:
    `${SOCKETS} websockets, each sends 100 bytes and waits for their echo before it sends again; one message is that way there and back. ` +
    'Client and echo are one program on the core of the generator, which is what holds the quicker contenders down: see *busy*.',
  rows: [
    { key: 'ws.cpu', label: 'CPU a message', unit: 'µs', ratio: 'shown' },
    { key: 'ws.rate', label: 'messages a second', unit: '1/s', ratio: 'shown' },
    { key: 'ws.busy', label: 'busy', unit: '%', ratio: 'none' },
  ],
};

export async function measureWebsockets(running: Running, seconds: number): Promise<Figures> {
  const backend = await startBackend({ keep: 1 });
  await running.add(PATH, backend.url);
  await untilServed(`${running.url}${PATH}/`);
  const url = `${running.url.replace('http', 'ws')}${PATH}/echo`;
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => openSocket(url)));
  await echo(sockets, 0.5);
  const [since, before] = [performance.now(), cpuSeconds(running.pids())];
  const messages = await echo(sockets, seconds);
  const [took, cpu] = [(performance.now() - since) / 1000, cpuSeconds(running.pids()) - before];
  for (const socket of sockets) socket.terminate();
  await backend.close();
  await running.remove(PATH);
  return {
    'ws.rate': messages / took,
    'ws.cpu': (cpu / messages) * 1e6,
    'ws.busy': (cpu / took) * 100,
  };
}

/** Sends and waits for the echo on all of them until the time is over; gives the number of echoes. */
async function echo(sockets: readonly WebSocket[], seconds: number): Promise<number> {
  const message = Buffer.alloc(100, 'x');
  const end = performance.now() + seconds * 1000;
  let echoes = 0;
  const converse = (socket: WebSocket) =>
    new Promise<void>((resolve, reject) => {
      const onClose = () => reject(new Error('a websocket was closed'));
      const onMessage = () => {
        echoes += 1;
        if (performance.now() < end) socket.send(message);
        else {
          socket.off('message', onMessage).off('close', onClose);
          resolve();
        }
      };
      socket.on('message', onMessage).on('close', onClose);
      socket.send(message);
    });
  await Promise.all(sockets.map(converse));
  return echoes;
}
