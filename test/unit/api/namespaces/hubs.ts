import { loadYaml } from '../../config/load-with.ts';
import { api } from '../client.ts';
import { TOKEN } from '../harness.ts';

type Method = 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH';

/** The API with these namespaces as the file has them; the token of each is `token-NAME`. `hub(NAME)` is a client with it. */
export function hubs(namespaces: Readonly<Record<string, string>>, hostRouting = true) {
  const lines = Object.entries(namespaces).map(([name, mount]) => `  ${name}: { token-file: /${name}, ${mount} }`);
  const files = Object.fromEntries(Object.keys(namespaces).map((name) => [`/${name}`, tokenOf(name)]));
  const yaml = [`host-routing: ${hostRouting}`, 'namespaces:', ...lines].join('\n');
  const { config } = loadYaml(yaml, { files, env: { SIGNALBOX_API_TOKEN: TOKEN } });
  const made = api({ hostRouting }, config);
  const hub = (name: string) => (method: Method, url: string, body?: unknown) =>
    made.call(method, url, body, { authorization: `token ${tokenOf(name)}` });
  /** Everything, as the token for the whole table shows it: key to target. */
  const all = () => Object.fromEntries(Array.from(made.table.entries(), ({ route }) => [route.key, route.target]));
  return { ...made, hub, all };
}

export function tokenOf(name: string): string {
  return `token-${name}`;
}

/** The mounts of a Hub that is alone on a host, one below a path of a host, and one with subdomain_host. */
export const THREE = {
  physics: 'host: physics.example',
  biology: 'host: uni.example, path: /bio',
  chem: 'domain: chem.example',
};
