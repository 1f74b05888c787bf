import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/ports.ts';
import { makeTempDir } from '../support/tmp.ts';
import type { Certificates } from './certificates.ts';
import { type Stage, startScriptedBackend } from './scripted-backend.ts';

/** Everything that one of the two proxies has to itself: backends, a folder, names for all of it. */
export interface Side {
  readonly stage: Stage;
  readonly folder: string;
  readonly certificates: Certificates;
  /** What `{name}` stands for. */
  readonly names: Readonly<Record<string, string>>;
}

/** The backends of a side serve all its proxies: cases run one after the other. */
export async function startSide(certificates: Certificates): Promise<Side> {
  const stage: Stage = { seen: [], script: {} };
  const folder = makeTempDir('signalbox-conformance-');
  const { key, cert } = certificates.pem.backend;
  const socketPath = join(folder, 'backend.sock');
  const [backend, other, error, tls, mutual] = await Promise.all([
    startScriptedBackend('backend', stage),
    startScriptedBackend('other', stage),
    startScriptedBackend('error', stage),
    startScriptedBackend('tls', stage, { tls: { key, cert } }),
    startScriptedBackend('mutual', stage, {
      tls: { key, cert, requestCert: true, rejectUnauthorized: true, ca: [certificates.pem.proxy.cert] },
    }),
    startScriptedBackend('unix', stage, { socketPath }),
  ]);
  return {
    stage,
    folder,
    certificates,
    names: {
      ...certificates.files,
      ...makePages(folder),
      folder,
      backend: `http://127.0.0.1:${backend.port}`,
      other: `http://127.0.0.1:${other.port}`,
      error: `http://127.0.0.1:${error.port}`,
      tls: `https://localhost:${tls.port}`,
      'tls-by-address': `https://127.0.0.1:${tls.port}`,
      mutual: `https://localhost:${mutual.port}`,
      unix: `http+unix://${encodeURIComponent(socketPath)}`,
      'unix-old': `unix+http://${encodeURIComponent(socketPath)}`,
      dead: `http://127.0.0.1:${await freePort()}`,
      'backend-port': String(backend.port),
    },
  };
}

/** Folders of error pages: one with a page for 404 and one for the rest, one without any. */
function makePages(folder: string): Record<string, string> {
  const [pages, empty] = [join(folder, 'pages'), join(folder, 'no-pages')];
  mkdirSync(pages);
  mkdirSync(empty);
  writeFileSync(join(pages, '404.html'), '<h1>lost: "$uri" {{ code }}</h1>\n');
  writeFileSync(join(pages, 'error.html'), '<h1>some error</h1>\n');
  return { pages, 'no-pages': empty };
}

/** Fills in `{name}`; an unknown one stays, as braces are also what some cases are about. */
export function fill(text: string, names: Readonly<Record<string, string>>): string {
  return text.replace(/\{([a-z-]+)\}/g, (whole, name: string) => names[name] ?? whole);
}

/** Puts names where ports and folders stand, so that what two proxies show can be compared. */
export function unfill(text: string, names: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [name, value] of Object.entries(names)) {
    const port = /:(\d+)$/.exec(value)?.[1] ?? (/^\d+$/.test(value) ? value : undefined);
    if (port !== undefined) result = result.replaceAll(new RegExp(`(?<![\\d.])${port}(?!\\d)`, 'g'), `<${name}>`);
  }
  return result
    .replaceAll(encodeURIComponent(names.folder ?? '\0'), '<folder>')
    .replaceAll(names.folder ?? '\0', '<folder>');
}
