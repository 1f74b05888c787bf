import { connect, type Socket } from 'node:net';

/** An answer has no more than a few lines. */
const LONGEST = 64 * 1024;
const ANSWER = /^HTTP\/1\.1 (\d+).*?\r\nContent-Length: (\d+)\r\n.*?\r\n\r\n/is;

export interface ControlAnswer {
  readonly status: string;
  readonly text: string;
}

interface Asker {
  resolve(answer: ControlAnswer): void;
  reject(error: Error): void;
}

/**
 * A connection to nginx's control socket, which is asked for each change of a route: one question at a time. Node's HTTP client
 * would be a fifth of what a change costs, and more of what the first ones do.
 */
export class ControlConnection {
  readonly #socket: Socket;
  #asker: Asker | undefined;
  #got = '';
  #limitMs = 0;
  #isOpen = true;

  constructor(path: string) {
    this.#socket = connect(path).setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#take(text));
    this.#socket.on('timeout', () => this.#end(new Error(`no answer within ${this.#limitMs / 1000} s`)));
    this.#socket.on('error', (error) => this.#end(error));
    this.#socket.on('close', () => this.#end(new Error('the connection was closed')));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isBusy(): boolean {
    return this.#asker !== undefined;
  }

  ask(path: string, timeoutMs: number): Promise<ControlAnswer> {
    return new Promise((resolve, reject) => {
      this.#asker = { resolve, reject };
      this.#limitMs = timeoutMs;
      this.#socket.setTimeout(timeoutMs);
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    });
  }

  close(): void {
    this.#end(new Error('closed'));
  }

  #take(text: string): void {
    this.#got += text;
    const [head, status = '', length] = ANSWER.exec(this.#got) ?? [];
    const end = head === undefined ? undefined : head.length + Number(length);
    // Nobody has asked, or it goes on and on: not what we know.
    if (this.#asker === undefined || this.#got.length > (end ?? LONGEST)) {
      this.#end(new Error('a strange answer'));
      return;
    }
    if (head === undefined || this.#got.length !== end) return;
    const { resolve } = this.#asker;
    const answer = { status, text: this.#got.slice(head.length) };
    this.#asker = undefined;
    this.#got = '';
    this.#socket.setTimeout(0);
    if (/\r\nConnection: close\r\n/i.test(head)) this.close();
    resolve(answer);
  }

  #end(error: Error): void {
    this.#isOpen = false;
    this.#socket.destroy();
    this.#asker?.reject(error);
    this.#asker = undefined;
  }
}
