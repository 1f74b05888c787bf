import { parseArgs } from 'node:util';
import { SignalboxError } from '../errors.ts';
import { callApi, readToken } from './client/api.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-codes.ts';

/** `signalbox import`: copies the table of a running configurable-http-proxy, so that nobody's server has to restart. */
export const importRoutes: Command = {
  name: 'import',
  summary: "copy the routes of a running configurable-http-proxy into Signalbox's table",

  help: () => `Usage: signalbox import --from URL [OPTIONS]

Reads all routes from the API of a configurable-http-proxy (or of another
Signalbox), with their last_activity, and adds them to a running Signalbox in
one step. Routes that are there already and not in the other table stay.

Options:
  --from URL           API to read from, such as http://127.0.0.1:8001
  --token-file FILE    its token; else CONFIGPROXY_AUTH_TOKEN
  --to URL             API of Signalbox (http://127.0.0.1:8001)
  --to-token-file FILE its token; else SIGNALBOX_API_TOKEN, else the same token
  --replace            make the table exactly what is read, routes that are not
                       in it go
  --dry-run            print what would be imported, change nothing

Example:
  signalbox import --from http://127.0.0.1:8001 --token-file chp.token \\
    --to http://127.0.0.1:8101
`,

  async run(argv, { env, out }) {
    const options = parse(argv);
    const fromToken = options['token-file'] ? readToken(options['token-file']) : env.CONFIGPROXY_AUTH_TOKEN;
    const toToken = options['to-token-file']
      ? readToken(options['to-token-file'])
      : (env.SIGNALBOX_API_TOKEN ?? fromToken);
    const from = { url: options.from, token: fromToken };
    const to = { url: options.to, token: toToken };
    if (from.url === to.url) {
      throw new SignalboxError('BAD_CONFIG', '--from and --to are the same', {
        hint: 'While you move over, let Signalbox listen on other ports: --public, --api.',
      });
    }
    const routes = (await callApi(from, 'GET', '/api/routes')) as Record<string, object>;
    const count = Object.keys(routes).length;
    if (options['dry-run']) {
      out(`${JSON.stringify(routes, undefined, 2)}\n`);
      return EXIT.ok;
    }
    const done = await callApi(to, options.replace ? 'PUT' : 'PATCH', '/api/routes', routes);
    const { added, changed, removed } = done as { added: number; changed: number; removed: number };
    out(`${count} routes read from ${from.url}: ${added} added, ${changed} changed, ${removed} removed at ${to.url}\n`);
    return EXIT.ok;
  },
};

function parse(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        from: { type: 'string' },
        'token-file': { type: 'string' },
        to: { type: 'string', default: 'http://127.0.0.1:8001' },
        'to-token-file': { type: 'string' },
        replace: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
      },
    });
    if (values.from === undefined) throw new Error('--from is missing');
    for (const url of [values.from, values.to]) if (!URL.canParse(url)) throw new Error(`${url} is no URL`);
    return { ...values, from: values.from };
  } catch (error) {
    throw new SignalboxError('BAD_CONFIG', (error as Error).message, { hint: 'signalbox import --help' });
  }
}
