import { createServer } from 'node:http';
import { close, listen } from './listen.ts';

/** The header in which a user's server tells who it is. */
export const BACKEND_HEADER = 'x-demo-backend';

export interface UserServers {
  readonly urls: readonly string[];
  close(): Promise<void>;
}

/** A few web servers that stand for the servers of users; each tells its own URL, so that one sees who answered. */
export async function startUserServers(count: number): Promise<UserServers> {
  const servers = Array.from({ length: count }, () => createServer());
  const urls = await Promise.all(servers.map(listen));
  servers.forEach((server, index) => {
    const url = urls[index] ?? '';
    server.on('request', (request, response) => {
      response.setHeader(BACKEND_HEADER, url);
      response.end(`Hello from the user server at ${url}; you asked for ${request.url}\n`);
    });
  });
  return {
    urls,
    close: async () => {
      await Promise.all(servers.map(close));
    },
  };
}
