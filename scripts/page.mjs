// The dashboard's page: one script and one style sheet with hashed names, compressed beside, as nginx hands on what we send.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { build } from 'esbuild';

const source = join(dirname(fileURLToPath(import.meta.url)), '../src/dashboard/page');

/**
 * Makes the folder anew, with `manifest.json`: `{ script, style }`, the names of the files.
 * @param {string} outdir
 * @returns {Promise<{ script: string, style: string }>}
 */
export async function buildPage(outdir) {
  await rm(outdir, { recursive: true, force: true });
  const { metafile, outputFiles } = await build({
    entryPoints: { page: join(source, 'main.tsx'), style: join(source, 'style.css') },
    entryNames: '[name]-[hash]',
    // Else taken to be below the sources.
    outdir: resolve(outdir),
    bundle: true,
    format: 'esm',
    // What light-dark() and <dialog> need anyway.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    minify: true,
    metafile: true,
    write: false,
    absWorkingDir: source,
    logLevel: 'warning',
  });
  await mkdir(outdir, { recursive: true });
  const nameOf = (/** @type {string} */ entry) =>
    basename(Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === entry)?.[0] ?? '');
  const manifest = { script: nameOf('main.tsx'), style: nameOf('style.css') };
  await Promise.all(outputFiles.map(({ path, contents }) => writeCompressed(path, contents)));
  await writeFile(join(outdir, 'manifest.json'), JSON.stringify(manifest));
  return manifest;
}

/** @param {string} path @param {Uint8Array} contents */
async function writeCompressed(path, contents) {
  await Promise.all([
    writeFile(path, contents),
    promisify(brotliCompress)(contents).then((bytes) => writeFile(`${path}.br`, bytes)),
    promisify(gzip)(contents, { level: 9 }).then((bytes) => writeFile(`${path}.gz`, bytes)),
  ]);
}
