/**
 * `npm run quickstart`: brings a fresh clone to where the demo runs, then runs it. Node.js 20 is enough here; the demo
 * itself runs on the one among the dependencies.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './setup/run.mjs';
import { ensureDependencies, ensureNginx, findNode, SetupError } from './setup.mjs';

const help = `Usage: npm run quickstart -- [--port PORT] [--api-port PORT]
                                 [--dashboard-port PORT]

Runs Signalbox with nginx on this machine, with a page that shows routes come
and go, and the dashboard. Fetches dependencies, and nginx when there is none.
Nothing is left behind but node_modules and .tools in this folder.

  --port PORT            where nginx listens, 8000 unless given
  --api-port PORT        where Signalbox listens, --port + 1 unless given
  --dashboard-port PORT  where the dashboard listens, --port + 2 unless given
  --help                 this text
`;

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function main() {
  const options = readOptions();
  if (options.help) {
    console.log(help);
    return 0;
  }
  // First of all: nobody should wait a minute for this.
  const ports = Object.entries(options.ports);
  for (const [flag, port] of ports) await expectFree(port, flag);
  await ensureDependencies();
  const node = await findNode();
  const nginx = await ensureNginx();
  console.log(`nginx ${nginx.version} from ${nginx.from}`);
  const args = ports.flatMap(([flag, port]) => [flag, String(port)]);
  return runDemo(node, [...args, '--nginx', nginx.path]);
}

function readOptions() {
  let values;
  try {
    const number = /** @type {const} */ ({ type: 'string' });
    const ports = { port: number, 'api-port': number, 'dashboard-port': number };
    const flags = { ...ports, help: /** @type {const} */ ({ type: 'boolean', short: 'h' }) };
    ({ values } = parseArgs({ options: flags }));
  } catch (error) {
    throw new SetupError(`${error.message}\n\n${help}`);
  }
  const port = portOf('--port', values.port ?? '8000');
  const ports = {
    '--port': port,
    '--api-port': portOf('--api-port', values['api-port'] ?? String(port + 1)),
    '--dashboard-port': portOf('--dashboard-port', values['dashboard-port'] ?? String(port + 2)),
  };
  expectDifferent(ports);
  return { ports, help: values.help };
}

function expectDifferent(ports) {
  const flags = Object.keys(ports);
  for (const [at, flag] of flags.entries()) {
    const other = flags.slice(at + 1).find((one) => ports[one] === ports[flag]);
    if (other) throw new SetupError(`${flag} and ${other} are both ${ports[flag]}: they have to differ.`);
  }
}

function portOf(flag, text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new SetupError(`${flag} ${text} is no port: a number from 1 to 65535 is wanted.`);
}

async function expectFree(port, flag) {
  const server = createServer();
  const error = await new Promise((done) => {
    server.once('error', done);
    server.listen(port, '127.0.0.1', () => server.close(() => done(undefined)));
  });
  if (!error) return;
  const why = error.code === 'EADDRINUSE' ? 'is in use already' : `can't be used (${error.code})`;
  throw new SetupError(
    `Port ${port} ${why}: choose another one with ${flag}, as in npm run quickstart -- ${flag} 9000`,
  );
}

/**
 * The demo gets a process group of its own: a Ctrl-C goes to all of the terminal's group, so it would come there twice,
 * from the terminal and from here. When this process is killed the demo notices by the closed channel and stops.
 * @returns {Promise<number>}
 */
function runDemo(node, args) {
  const demo = spawn(node, [join(root, 'demo/main.ts'), ...args], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => demo.kill(signal));
  return new Promise((done) => {
    demo.on('error', (error) => {
      console.error(error.message);
      done(1);
    });
    demo.on('exit', (code) => done(code ?? 1));
  });
}
