// npm run build: dist/, which the package ships; tests have it made elsewhere, by an argument. One bundle a command instead of some 900 files: the daemon starts in half the
// time, and a Hub waits for it. The dependencies stay declared in package.json, for their licences and for audits.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const outdir = process.argv[2] ?? 'dist';
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: ['src/cli/main.ts'],
  outdir,
  bundle: true,
  // What only a command needs is loaded with that command.
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  // Node keeps the text of all that it has loaded. Names stay, for stacks.
  minifyWhitespace: true,
  minifySyntax: true,
  // Dependencies that are CommonJS ask for require.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
