import { WebSocket } from 'ws';
import { onCleanup } from '../../support/cleanup.ts';
import type { HeaderPairs } from '../../support/http-response.ts';
import { type Answer, rawRequest } from '../../support/raw-http.ts';

interface Cookie {
  readonly host: string;
  /** Set with a domain: also for the hosts below. */
  readonly below: boolean;
  readonly path: string;
  readonly name: string;
  readonly value: string;
}

export interface Page {
  /** Where the redirects ended. */
  readonly url: URL;
  /** All that it came by, this included. */
  readonly hops: readonly URL[];
  readonly answer: Answer;
}

/**
 * As much of a browser as logging in to JupyterHub takes: cookies by host and path (RFC 6265), redirects, forms with their
 * XSRF field. Every host name leads to 127.0.0.1; only the port of the URL counts.
 */
export class Browser {
  readonly #cookies: Cookie[] = [];

  /** Goes to a page and follows its redirects, as a click on a link does. */
  visit(url: string | URL): Promise<Page> {
    return this.#follow('GET', new URL(url));
  }

  /** Fills a form in and sends it, with what it has in hidden fields, such as its XSRF token. */
  submit(page: Page, fields: Readonly<Record<string, string>> = {}, action: string | URL = page.url): Promise<Page> {
    const hidden = [...page.answer.text().matchAll(/<input type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"/g)];
    if (hidden.length === 0) throw new Error(`no form on ${page.url}: ${page.answer.status} ${page.answer.text()}`);
    const body = new URLSearchParams(fields);
    for (const [, name = '', value = ''] of hidden) body.append(name, value);
    return this.#follow('POST', new URL(action, page.url), body.toString());
  }

  /** A request of the page's own script to its REST API, with the token from the cookie in a header. */
  fetch(method: string, url: string | URL, body?: unknown, more: HeaderPairs = []): Promise<Answer> {
    const where = new URL(url);
    const headers: HeaderPairs = [
      ['Accept', 'application/json'],
      ['Sec-Fetch-Mode', 'cors'],
      ['Sec-Fetch-Dest', 'empty'],
      ['X-XSRFToken', this.cookie(where, '_xsrf') ?? ''],
      ...more,
    ];
    if (method !== 'GET') headers.push(['Origin', where.origin]);
    if (body !== undefined) headers.push(['Content-Type', 'application/json']);
    return this.#request(method, where, headers, body === undefined ? undefined : JSON.stringify(body));
  }

  /** An open websocket, as the page's script opens it. Cut at the end of the test file. */
  openWebSocket(url: string | URL): Promise<WebSocket> {
    const where = new URL(url);
    const socket = new WebSocket(`ws://127.0.0.1:${where.port}${where.pathname}${where.search}`, {
      headers: { Host: where.host, Origin: where.origin, Cookie: this.#cookieHeader(where) },
      handshakeTimeout: 20_000,
    });
    onCleanup(() => socket.terminate());
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(socket));
      socket.on('error', reject);
    });
  }

  /** The value of a cookie that goes with requests there. */
  cookie(url: string | URL, name: string): string | undefined {
    return this.#cookiesFor(new URL(url)).find((one) => one.name === name)?.value;
  }

  /** A cookie as a page there may set it. */
  setCookie(url: string | URL, line: string): void {
    this.#keep(new URL(url), line);
  }

  async #follow(method: string, start: URL, body?: string): Promise<Page> {
    let url = start;
    const form: HeaderPairs = body === undefined ? [] : [['Content-Type', 'application/x-www-form-urlencoded']];
    let answer = await this.#request(method, url, [...navigation(url), ...form], body);
    const hops = [url];
    while (answer.status >= 301 && answer.status <= 303) {
      if (hops.length > 20) throw new Error(`redirects without end at ${url}`);
      url = new URL(answer.header('location') ?? '', url);
      hops.push(url);
      answer = await this.#request('GET', url, navigation(url));
    }
    return { url, hops, answer };
  }

  async #request(method: string, url: URL, headers: HeaderPairs, body?: string): Promise<Answer> {
    const answer = await rawRequest({
      port: Number(url.port),
      method,
      target: url.pathname + url.search,
      headers: [['Host', url.host], ['Cookie', this.#cookieHeader(url)], ['Sec-Fetch-Site', 'same-origin'], ...headers],
      timeout: 30_000,
      ...(body === undefined ? {} : { body }),
    });
    for (const [name, value] of answer.headers) if (name.toLowerCase() === 'set-cookie') this.#keep(url, value);
    return answer;
  }

  #keep(url: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const attribute = (name: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const name = pair.slice(0, pair.indexOf('='));
    const domain = attribute('domain')?.replace(/^\./, '');
    const cookie: Cookie = {
      host: domain ?? url.hostname,
      below: domain !== undefined,
      path: attribute('path') ?? '/',
      name,
      value: pair.slice(name.length + 1),
    };
    const isSame = (one: Cookie) => one.host === cookie.host && one.path === cookie.path && one.name === name;
    const at = this.#cookies.findIndex(isSame);
    if (at !== -1) this.#cookies.splice(at, 1);
    const expires = attribute('expires');
    const isDeleted = attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) < Date.now());
    if (!isDeleted) this.#cookies.push(cookie);
  }

  /** The longest path first, as RFC 6265 wants them sent. */
  #cookiesFor(url: URL): Cookie[] {
    const isHost = ({ host, below }: Cookie) => url.hostname === host || (below && url.hostname.endsWith(`.${host}`));
    const isBelow = ({ path }: Cookie) =>
      url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
    return this.#cookies.filter((one) => isHost(one) && isBelow(one)).sort((a, b) => b.path.length - a.path.length);
  }

  #cookieHeader(url: URL): string {
    return this.#cookiesFor(url)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }
}

function navigation(url: URL): HeaderPairs {
  return [
    ['Accept', 'text/html'],
    ['Sec-Fetch-Mode', 'navigate'],
    ['Sec-Fetch-Dest', 'document'],
    ['Referer', url.href],
  ];
}
