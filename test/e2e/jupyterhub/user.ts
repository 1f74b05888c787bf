import type { Answer } from '../../support/raw-http.ts';
import { until } from '../../support/wait.ts';
import { Browser } from './browser.ts';
import { type Kernel, startKernel } from './kernel.ts';

interface ServerModel {
  readonly ready: boolean;
  /** Its path. */
  readonly url: string;
  /** With host routing, the whole URL. */
  readonly full_url?: string | null;
}

/** A file that every server shows, only to who is logged in: all else that jupyter-server alone has for a browser is public. */
export const welcome = { file: 'welcome.txt', text: 'Welcome to your server' };

/** Somebody in front of a browser who is logged in to a Hub, through the proxy. */
export interface User {
  readonly name: string;
  readonly browser: Browser;
  /** Clicks "Start My Server" and waits until it runs; then goes there. */
  spawn(): Promise<URL>;
  /** A second server beside the first. */
  spawnNamed(server: string): Promise<URL>;
  /** `''` is the default server. Resolves when the Hub has stopped it. */
  stop(server?: string): Promise<void>;
  /** The Hub's REST API as this user: `users/NAME` plus `path`. */
  hubApi(method: string, path?: string): Promise<Answer>;
  servers(): Promise<Readonly<Record<string, ServerModel>>>;
  startKernel(server: URL): Promise<Kernel>;
}

/** Logs in by the form. */
export async function logIn(hubUrl: URL, name: string, password = 'any'): Promise<User> {
  const browser = new Browser();
  const homePath = `${hubUrl.pathname}hub/home`;
  const form = await browser.visit(new URL('hub/login', hubUrl));
  const home = await browser.submit(
    form,
    { username: name, password },
    new URL(`hub/login?next=${encodeURIComponent(homePath)}`, hubUrl),
  );
  if (home.answer.status !== 200 || home.url.pathname !== homePath) {
    throw new Error(`login as ${name} led to ${home.url}: ${home.answer.status} ${home.answer.text()}`);
  }

  const hubApi = (method: string, path = '') =>
    browser.fetch(method, new URL(`hub/api/users/${encodeURIComponent(name)}${path}`, hubUrl));
  const servers = async () => (await hubApi('GET')).json<{ servers: Record<string, ServerModel> }>().servers;

  /** The single-user server sends its new visitor to the Hub and back, and sets its own cookies (OAuth). */
  async function enter(server: string): Promise<URL> {
    const model = await until(async () => (await servers())[server], { what: `the server of ${name}` });
    await until(async () => (await servers())[server]?.ready, {
      timeout: 120_000,
      interval: 200,
      what: `the server of ${name} to be ready`,
    });
    const url = new URL(model.full_url ?? model.url, hubUrl);
    const page = await browser.visit(new URL(`files/${welcome.file}`, url));
    if (page.answer.text() !== welcome.text) {
      throw new Error(`${url} led to ${page.url}: ${page.answer.status} ${page.answer.text()}`);
    }
    return url;
  }

  return {
    name,
    browser,
    hubApi,
    servers,
    async spawn() {
      const page = await browser.visit(new URL('hub/spawn', hubUrl));
      if (page.answer.status !== 200) throw new Error(`spawn: ${page.url} ${page.answer.status} ${page.answer.text()}`);
      return enter('');
    },
    async spawnNamed(server) {
      const answer = await hubApi('POST', `/servers/${encodeURIComponent(server)}`);
      if (answer.status !== 201 && answer.status !== 202) throw new Error(`${answer.status} ${answer.text()}`);
      return enter(server);
    },
    async stop(server = '') {
      const path = server === '' ? '/server' : `/servers/${encodeURIComponent(server)}`;
      const answer = await hubApi('DELETE', path);
      if (answer.status !== 204 && answer.status !== 202) throw new Error(`${answer.status} ${answer.text()}`);
      const running = async () => (await servers())[server];
      await until(async () => !(await running()), { timeout: 20_000, what: `the server of ${name} to stop` });
    },
    startKernel: (server) => startKernel(browser, server),
  };
}
