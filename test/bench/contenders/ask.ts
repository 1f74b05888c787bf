import { Agent, type OutgoingHttpHeaders, request } from 'node:http';

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Connections stay open, as the Hub's do. */
const agent = new Agent({ keepAlive: true });

/** One HTTP request with as little around it as there can be. */
export function ask(method: string, url: string, headers: OutgoingHttpHeaders = {}, body?: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
