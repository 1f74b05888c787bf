import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { DockerComposeEnvironment, type StartedTestContainer, Wait } from 'testcontainers';
import { onCleanup } from '../support/cleanup.ts';
import { runProcess } from '../support/process.ts';
import { type Answer, rawRequest } from '../support/raw-http.ts';
import { until } from '../support/wait.ts';
import { ROOT } from './image.ts';

export const TOKEN = 'a-token-of-the-tests';

/** A compose file that is up, as a project of its own, with its ports on free ones. */
export interface Topology {
  /** `127.0.0.1:PORT` of a service's port. */
  port(service: string, port: number): number;
  container(service: string): StartedTestContainer;
  /** Runs `docker ARGS… CONTAINER` and gives back what it prints. */
  docker(args: readonly string[], service: string): Promise<string>;
  /** Runs `docker compose ARGS…` with the files, the project and the environment of this one. */
  compose(args: readonly string[]): Promise<void>;
  /** Takes all containers and networks away, keeps the volumes, and brings all up again. */
  again(): Promise<Topology>;
}

/** Brings compose files up; they go with their volumes at the end of the test file. */
export function startTopology(
  files: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
): Promise<Topology> {
  const project = `signalbox-test-${randomBytes(4).toString('hex')}`;
  const env = { CONFIGPROXY_AUTH_TOKEN: TOKEN, REPOSITORY: ROOT, ...environment };
  const definition = new DockerComposeEnvironment(dirname(files[0]), [...files])
    .withProjectName(project)
    .withEnvironment(env)
    // What is waited for is what each test wants.
    .withDefaultWaitStrategy(Wait.forSuccessfulCommand('true'));
  const which = ['compose', '--project-name', project, ...files.flatMap((file) => ['--file', file])];
  return bringUp({ definition, project, compose: async (args) => void (await docker([...which, ...args], env)) });
}

interface Project extends Pick<Topology, 'compose'> {
  readonly definition: DockerComposeEnvironment;
  readonly project: string;
}

async function docker(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, stdout, stderr } = await runProcess('docker', args, { env, timeout: 100_000 });
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

async function bringUp(whole: Project): Promise<Topology> {
  const { definition, project, compose } = whole;
  const started = await definition.up();
  onCleanup(() => started.down({ removeVolumes: true, timeout: 2_000 }));
  const container = (service: string) => started.getContainer(`${service}-1`);
  return {
    container,
    port: (service, port) => container(service).getMappedPort(port),
    // By its name, which one that is made anew has, too.
    docker: (args, service) => docker([...args, `${project}-${service}-1`]),
    compose,
    again: async () => {
      await started.down({ removeVolumes: false, timeout: 10_000 });
      return bringUp(whole);
    },
  };
}

/** A Signalbox in a container: its public side and its API. */
export class Box {
  readonly #publicPort: number;
  readonly #apiPort: number;
  readonly #tls: boolean;

  constructor(publicPort: number, apiPort: number, tls = false) {
    this.#publicPort = publicPort;
    this.#apiPort = apiPort;
    this.#tls = tls;
  }

  get url(): string {
    return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${this.#publicPort}`;
  }

  get(target: string): Promise<Answer> {
    return rawRequest({ port: this.#publicPort, target, tls: this.#tls });
  }

  api(method: string, target: string, body?: object): Promise<Answer> {
    const headers = [['Authorization', `token ${TOKEN}`]] as [string, string][];
    const port = this.#apiPort;
    return rawRequest({ port, method, target, headers, timeout: 15_000, ...(body && { body: JSON.stringify(body) }) });
  }

  /** Adds a route; it is served when this resolves. */
  async add(key: string, target: string): Promise<void> {
    const answer = await this.api('POST', `/api/routes${key}`, { target });
    if (answer.status !== 201) throw new Error(`POST ${key}: ${answer.status} ${answer.text()}`);
  }

  async untilReady(): Promise<void> {
    await until(async () => (await this.api('GET', '/readyz')).status === 200, {
      what: 'Signalbox in its container to be ready',
      timeout: 30_000,
      interval: 100,
    });
  }
}
