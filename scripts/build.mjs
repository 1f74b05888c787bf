// npm run build: dist/, which the package ships; tests have it made elsewhere, by an argument. One bundle a command instead of some 900 files: the daemon starts in half the
// time, and a Hub waits for it. The dependencies stay declared in package.json, for their licences and for audits.
import { rmSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildPage } from './page.mjs';

const outdir = process.argv[2] ?? 'dist';
rmSync(outdir, { recursive: true, force: true });
// An import of node:http asks for all that it exports, also for a WebSocket that nobody uses: that loads another client for HTTP and
// compiles its WebAssembly, which takes 25 ms of CPU and 10 MB.
const httpNames = Object.entries(Object.getOwnPropertyDescriptors(http)).filter(([, { value }]) => value !== undefined);
const httpModule = `export const { ${httpNames.map(([name]) => name).join(', ')} } = require('node:http');`;
// Asked for by our dependencies, for what we don't use: compilers of schemas, tests without a socket, exemplars, HTTP/2 for
// the API.
const unused = [
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
  '@opentelemetry/api',
  'node:http2',
];
const contents = new Map([
  ['node:http', httpModule],
  // Whether a plugin is made for this Fastify: what is bundled was tested together.
  ['semver', 'exports.satisfies = () => true;'],
  ...unused.map((name) => [name, 'module.exports = {};']),
]);
const lean = {
  name: 'lean',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^.]/ }, ({ path, kind }) => {
      const isReal = !contents.has(path) || (path === 'node:http' && kind === 'require-call');
      return isReal ? undefined : { path, namespace: 'lean' };
    });
    onLoad({ filter: /^/, namespace: 'lean' }, ({ path }) => ({ contents: contents.get(path) }));
  },
};
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
  plugins: [lean],
  logLevel: 'warning',
});
await buildPage(join(outdir, 'page'));
