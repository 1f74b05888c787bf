import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Backend, startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { freePort } from '../../support/ports.ts';
import { anyProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';

/** What the pages talk about, for real, under other addresses. */
export interface Scene {
  readonly box: Signalbox;
  /** Where commands run. */
  readonly folder: string;
  /** The text of a block with the addresses and folders of this scene. */
  fit(text: string): string;
  readonly env: Readonly<Record<string, string>>;
  /** The table as it was at the start. */
  reset(): Promise<void>;
}

/** The route that is there from the start. */
const ROUTE = '/user/alice';

/**
 * In the pages: the public side is port 8000, the API 8001, backends are 9000 and 9001, the state folder is
 * /var/lib/signalbox, signalbox.yaml and token are in /etc/signalbox, `...` is a token.
 */
export async function startScene(): Promise<Scene> {
  const folder = makeTempDir('signalbox-docs-');
  const backends = [await startBackend(), await startBackend()] as const;
  const proxy = anyProxy();
  const box = await startSignalbox({ proxy, stateDir: join(folder, 'state'), args: ['--no-pin'] });
  const table = { [ROUTE]: { target: backends[0].url } };
  writeFileSync(join(folder, 'table.json'), JSON.stringify(table));
  writeFileSync(join(folder, 'token'), box.token, { mode: 0o600 });
  writeFileSync(
    join(folder, 'signalbox.yaml'),
    `public: 127.0.0.1:${box.port}\napi: 127.0.0.1:${box.apiPort}\nstate-dir: ${box.stateDir}\ntoken-file: ${join(folder, 'token')}\n`,
  );
  return {
    box,
    folder,
    fit: (text) => substitute(text, box, backends).replaceAll('/etc/signalbox', folder),
    env: {
      PATH: [makePrograms(folder), process.env.PATH].join(delimiter),
      SIGNALBOX_API_URL: box.apiUrl,
      SIGNALBOX_NGINX: proxy.path,
      CONFIGPROXY_AUTH_TOKEN: box.token,
    },
    reset: async () => void (await box.api('PUT', '/api/routes', table)),
  };
}

/** The same text for a daemon that a page starts: its own ports and state, so that it can run beside the scene's. */
export async function fitDaemon(text: string, stateDir: string): Promise<string> {
  const ports = new Map<string, number>();
  for (const [port = ''] of text.matchAll(/(?<=:)\d{2,5}\b/g)) ports.set(port, await freePort());
  return fillIn(text, 'a-token')
    .replace(/(?<=:)\d{2,5}\b/g, (port) => String(ports.get(port)))
    .replaceAll('/var/lib/signalbox', stateDir);
}

function substitute(text: string, box: Signalbox, backends: readonly [Backend, Backend]): string {
  const addresses: Record<string, number> = {
    8000: box.port,
    8001: box.apiPort,
    9000: backends[0].port,
    9001: backends[1].port,
  };
  return fillIn(text, box.token)
    .replace(/\b(127\.0\.0\.1|localhost):(8000|8001|9000|9001)\b/g, (_, host, port) => `${host}:${addresses[port]}`)
    .replaceAll('/var/lib/signalbox', box.stateDir);
}

/** What a reader has to put in. */
function fillIn(text: string, token: string): string {
  return text.replace(/(TOKEN=)(?:\.\.\.|…)/g, `$1${token}`).replace(/\$\(openssl rand -hex 32\)/g, token);
}

/** `signalbox` of this clone, and a curl that fails when the answer is an error. */
function makePrograms(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const programs = {
    signalbox: `exec '${process.execPath}' '${BIN}' "$@"`,
    // The folder of these programs is the first of the PATH.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    curl: 'PATH=${PATH#*:} exec curl --silent --show-error --fail-with-body --max-time 20 "$@"',
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}
