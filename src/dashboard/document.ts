import { hash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_ROOT } from '../package-root.ts';
import { escapeHtml, htmlDocument } from './html.ts';

/** The page as it was built: files whose names have hashes, and which of them are asked for first. */
export interface Page {
  readonly folder: string;
  readonly script: Asset;
  readonly style: Asset;
  /** Removes what was built for this process alone. */
  remove(): void;
}

interface Asset {
  readonly name: string;
  /**
   * What is in it, by which the browser knows it: a service worker of a user's on the same origin may give it something else for
   * that name, and a script of theirs would find the page's token.
   */
  readonly integrity: string;
}

type BuildPage = (outdir: string) => Promise<unknown>;

/** The page that the package ships. A clone has its source in place of it: there it is built now. */
export async function openPage(): Promise<Page> {
  const builder = join(PACKAGE_ROOT, 'scripts/page.mjs');
  if (!existsSync(builder)) return readPage(join(PACKAGE_ROOT, 'dist/page'), () => {});
  const { buildPage }: { buildPage: BuildPage } = await import(pathToFileURL(builder).href);
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-page-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    await buildPage(folder);
    return readPage(folder, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

function readPage(folder: string, remove: () => void): Page {
  const { script, style } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const asset = (name: string): Asset => ({
    name,
    integrity: `sha384-${hash('sha384', readFileSync(join(folder, name)), 'base64')}`,
  });
  return { folder, script: asset(script), style: asset(style), remove };
}

/** The document of the page. All else comes by requests that show the token. */
export function pageDocument({ script, style }: Pick<Page, 'script' | 'style'>, token: string): string {
  return htmlDocument(
    'Signalbox',
    [
      `<meta name="signalbox-page" content="${escapeHtml(token)}">`,
      '<link rel="icon" href="icon.svg" type="image/svg+xml">',
      `<link rel="stylesheet" href="assets/${escapeHtml(style.name)}" integrity="${style.integrity}">`,
      `<script type="module" src="assets/${escapeHtml(script.name)}" integrity="${script.integrity}"></script>`,
    ],
    [
      '<div id="app"></div>',
      '<noscript>This page needs JavaScript. <code>signalbox status</code> does not.</noscript>',
    ],
  );
}

/** A signal that shows green. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<rect x="4" y="1" width="8" height="14" rx="4" fill="#30363d"/>
<circle cx="8" cy="5" r="2" fill="#6e7681"/><circle cx="8" cy="11" r="2" fill="#3fb950"/>
</svg>
`;
