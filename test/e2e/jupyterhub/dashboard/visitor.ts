import { type Me, PAGE_HEADER } from '../../../../src/dashboard/page-api.ts';
import type { Answer } from '../../../support/raw-http.ts';
import type { Browser, Page } from '../browser.ts';

/** The page of the dashboard, open in somebody's browser. */
export class OpenPage {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #token: string;

  constructor(browser: Browser, page: Page) {
    const [, token] = /<meta name="signalbox-page" content="([^"]+)">/.exec(page.answer.text()) ?? [];
    if (page.answer.status !== 200 || token === undefined) {
      throw new Error(`no dashboard at ${page.url}: ${page.answer.status} ${page.answer.text()}`);
    }
    this.page = page;
    this.#browser = browser;
    this.#token = token;
  }

  /** Goes there, through the Hub where that is needed. */
  static async visit(browser: Browser, url: URL): Promise<OpenPage> {
    return new OpenPage(browser, await browser.visit(url));
  }

  /** What the page has in it and no other page may read. */
  get token(): string {
    return this.#token;
  }

  async me(): Promise<Me> {
    const answer = await this.get('me');
    if (answer.status !== 200) throw new Error(`api/me: ${answer.status} ${answer.text()}`);
    return answer.json<Me>();
  }

  /** `api/PATH`, as the page asks it. */
  get(path: string): Promise<Answer> {
    return this.#browser.fetch('GET', new URL(`api/${path}`, this.page.url), undefined, [[PAGE_HEADER, this.#token]]);
  }

  /** Presses a button: `api/actions/NAME`. */
  act(name: string, body: object = {}): Promise<Answer> {
    return this.post(`actions/${name}`, body);
  }

  post(path: string, body: object = {}): Promise<Answer> {
    return this.#browser.fetch('POST', new URL(`api/${path}`, this.page.url), body, [[PAGE_HEADER, this.#token]]);
  }
}
