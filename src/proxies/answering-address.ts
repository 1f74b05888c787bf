import { connect } from 'node:net';

const PATIENCE_MS = 250;

/** The first of these addresses that takes a connection on this port; undefined when none does. */
export async function answeringAddress(addresses: readonly string[], port: number): Promise<string | undefined> {
  for (const address of addresses) if (await answers(address, port)) return address;
  return undefined;
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (result: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => done(false), PATIENCE_MS);
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
