import { ask } from './http.ts';
import { Program } from './program.ts';

export interface DashboardOptions {
  readonly port: number;
  readonly apiUrl: string;
  readonly token: string;
  /** For the page that it builds: removed with all else when it is killed. */
  readonly folder: string;
}

/** `signalbox dashboard` as a child process, on its defaults: whoever has the daemon's token may sign in. */
export class Dashboard extends Program {
  readonly url: string;

  constructor({ port, apiUrl, token, folder }: DashboardOptions) {
    const settings = { SIGNALBOX_API_TOKEN: token, TMPDIR: folder };
    super(['dashboard', '--listen', `127.0.0.1:${port}`, '--api', apiUrl], settings);
    this.url = `http://127.0.0.1:${port}/signalbox/`;
  }

  /** Waits until it answers; false when it ended instead, or does not in time. */
  ready(): Promise<boolean> {
    return this.until(async () => (await ask(this.url)).status < 500);
  }
}
