import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { ensureKubernetesValidate } from '../../scripts/setup/kubernetes-validate.mjs';
import { parseDuration } from '../../src/config/duration.ts';
import { envName, KEYS, type Key, settingOf } from '../../src/config/schema.ts';
import type { FleetStatus } from '../../src/store/fleet.ts';
import { runProcess } from '../support/process.ts';
import { isRoot } from '../support/skip.ts';
import { makeTempDir } from '../support/tmp.ts';
import { until } from '../support/wait.ts';
import { describeDocker } from './describe-docker.ts';
import { IMAGES, ROOT } from './image.ts';
import { Box, startTopology, TOKEN } from './topology.ts';

const folder = join(ROOT, 'docker/kubernetes');
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');

/** The manifests of a file. */
function manifestsOf(file: string) {
  const all = parseAllDocuments(read('docker/kubernetes', file)).map((document) => document.toJS());
  return { all, find: (kind: string) => all.find((manifest) => manifest.kind === kind) };
}

const sidecar = manifestsOf('sidecar.yaml');
const fleet = manifestsOf('fleet.yaml');
const PASSWORD = 'of-the-database';

describe('docker/kubernetes', () => {
  for (const file of ['sidecar.yaml', 'fleet.yaml']) {
    const { all, find } = manifestsOf(file);

    it(`${file} is what Kubernetes' API takes, to the letter`, async ({ skip }) => {
      const { folder: pythonPath, reason } = await ensureKubernetesValidate({ progress: () => {} });
      if (pythonPath === undefined) return skip(`no kubernetes-validate: ${reason}`);
      const args = ['-m', 'kubernetes_validate', '--strict', join(folder, file)];
      const { code, stdout, stderr } = await runProcess('python3', args, { env: { PYTHONPATH: pythonPath } });
      expect(code, stdout + stderr).toBe(0);
      expect(stdout + stderr).toContain('deployment/signalbox against version');
    });

    it(`${file} has every container without root, capabilities or a root file system to write to`, () => {
      const { spec } = find('Deployment').spec.template;
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 101,
        fsGroup: 101,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(spec.automountServiceAccountToken).toBe(false);
      for (const { name, securityContext } of spec.containers) {
        expect(securityContext, name).toEqual({
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        });
      }
    });

    it(`${file} selects its own pods, and has a volume for each mount`, () => {
      const { spec } = find('Deployment');
      const { labels } = spec.template.metadata;
      for (const manifest of all.filter(({ kind }) => kind === 'Service')) {
        expect(labels).toMatchObject(manifest.spec.selector);
      }
      const volumes = spec.template.spec.volumes.map(({ name }: { name: string }) => name);
      const mounts = spec.template.spec.containers.flatMap(({ volumeMounts }: { volumeMounts: { name: string }[] }) =>
        volumeMounts.map(({ name }) => name),
      );
      expect([...new Set(mounts)].sort()).toEqual(volumes.sort());
    });
  }

  it('starts nginx of the sidecar just as docker/nginx-sidecar does', () => {
    const { data } = sidecar.find('ConfigMap');
    expect(data['before-nginx.sh']).toBe(read('docker/nginx-sidecar/before-nginx.sh'));
    expect(read('docker/nginx-sidecar/default.conf')).toContain(data['default.conf']);
  });

  describe('the fleet', () => {
    const { spec } = fleet.find('Deployment');
    const pod = spec.template.spec;
    const [container] = pod.containers;
    const secondsOf = (text: string | undefined) => Number(parseDuration(text ?? '')) / 1_000;
    const seconds = (name: string) => secondsOf(container.env.find((one: { name: string }) => one.name === name).value);
    const ofDefault = (key: Key) => secondsOf(settingOf(key).default);

    it('never has fewer replicas than it should, during an update and a drain of nodes', () => {
      expect(spec.replicas).toBe(3);
      expect(spec.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
      expect(fleet.find('PodDisruptionBudget').spec).toMatchObject({ maxUnavailable: 1, selector: spec.selector });
      expect(pod.topologySpreadConstraints.map((one: { topologyKey: string }) => one.topologyKey)).toEqual([
        'kubernetes.io/hostname',
        'topology.kubernetes.io/zone',
      ]);
      for (const { labelSelector } of pod.topologySpreadConstraints) expect(labelSelector).toEqual(spec.selector);
    });

    it('gives a pod that ends the time that it takes', () => {
      const own = seconds('SIGNALBOX_LEAVE_TIME') + seconds('SIGNALBOX_DRAIN_TIMEOUT');
      expect(pod.terminationGracePeriodSeconds).toBe(own + 10);
    });

    it('takes a pod that is not ready out of its Services before it ends', () => {
      const { periodSeconds, failureThreshold, timeoutSeconds, httpGet } = container.readinessProbe;
      expect(httpGet.path).toBe('/readyz');
      expect(periodSeconds * failureThreshold + timeoutSeconds).toBeLessThan(seconds('SIGNALBOX_LEAVE_TIME'));
      // A change is answered when a dead one is no longer waited for.
      expect(ofDefault('lease') + seconds('SIGNALBOX_LEAVE_TIME')).toBeLessThan(seconds('SIGNALBOX_APPLY_TIMEOUT'));
      const services = fleet.all.filter(({ kind }) => kind === 'Service');
      expect(services.map(({ metadata }) => metadata.name)).toEqual(['signalbox', 'signalbox-api']);
      for (const service of services) expect(service.spec).not.toHaveProperty('publishNotReadyAddresses');
    });

    it('lets the Hub and the other replicas alone reach the API', () => {
      const [http, api] = fleet.find('NetworkPolicy').spec.ingress;
      expect(http).toEqual({ ports: [{ port: 'http' }] });
      expect(api.from.map((one: { podSelector: { matchLabels: object } }) => one.podSelector.matchLabels)).toEqual([
        { 'app.kubernetes.io/name': 'jupyterhub', 'app.kubernetes.io/component': 'hub' },
        spec.selector.matchLabels,
      ]);
    });

    it('has settings that Signalbox knows, and secrets in files alone', async () => {
      const names = container.env.map(({ name }: { name: string }) => name);
      const known = KEYS.map(envName);
      expect(names.filter((name: string) => name.startsWith('SIGNALBOX_') && !known.includes(name))).toEqual([]);
      const mounted = container.volumeMounts.find(({ name }: { name: string }) => name === 'secrets').mountPath;
      for (const name of ['SIGNALBOX_TOKEN_FILE', 'SIGNALBOX_DATABASE_FILE']) {
        expect(container.env.find((one: { name: string }) => one.name === name).value).toContain(`${mounted}/`);
      }
      expect(JSON.stringify(container.env)).not.toContain('secretKeyRef');
    });

    it("has the Hub of Zero to JupyterHub talk to it, as the page says, and to nothing of the chart's proxy", () => {
      const values = parse(read('docker/kubernetes/zero-to-jupyterhub-fleet.yaml'));
      const [, shown = ''] = /```text\n(hub:.*?)```/s.exec(read('docs/fleet.md')) ?? [];
      expect(parse(shown)).toEqual(values);
      const { name } = fleet.all.filter(({ kind }) => kind === 'Service')[1].metadata;
      expect(values.hub.config.ConfigurableHTTPProxy).toEqual({ api_url: `http://${name}:8001` });
      expect([values.proxy.service.type, values.proxy.https.enabled, values.ingress.enabled]).toEqual([
        'ClusterIP',
        false,
        false,
      ]);
    });
  });

  it("leaves all but image and root file system of Zero to JupyterHub's proxy as the chart has it", () => {
    const values = parse(read('docker/kubernetes/zero-to-jupyterhub.yaml'));
    const [, shown = ''] = /```text\n(proxy:.*?)```/s.exec(read('docs/kubernetes.md')) ?? [];
    expect(parse(shown)).toEqual(values);
    expect(values).toEqual({
      proxy: {
        chp: {
          image: { name: expect.any(String), tag: expect.any(String) },
          containerSecurityContext: { readOnlyRootFilesystem: true },
        },
      },
    });
  });
});

describeDocker('the sidecar on volumes of Kubernetes, which belong to root', ['nginx:1.29'], () => {
  it('serves routes, and reloads nginx', async () => {
    const files = [
      join(ROOT, 'docker/nginx-sidecar/compose.yaml'),
      join(import.meta.dirname, 'backend.yaml'),
      join(import.meta.dirname, 'kubernetes-volumes.yaml'),
    ] as const;
    const { port } = await startTopology(files, {
      SIGNALBOX_IMAGE: IMAGES.sidecar,
      PUBLIC_ADDRESS: '127.0.0.1:0',
      API_ADDRESS: '127.0.0.1:0',
    });
    const box = new Box(port('pod', 8000), port('pod', 8001));
    await box.untilReady();
    await box.add('/a/b/c/d/e', 'http://backend:9000');
    expect((await box.get('/a/b/c/d/e/status/200')).status).toBe(200);
  });
});

describeDocker('the pod of fleet.yaml, as Docker runs it', ['postgres:17'], () => {
  it('is ready with nothing but what the manifest gives it, and ends in its grace period', async () => {
    const file = composeOf(fleet.find('Deployment').spec.template.spec);
    const topology = await startTopology([file], { DATABASE_PASSWORD: PASSWORD });
    const box = new Box(topology.port('pod', 8000), topology.port('pod', 8001));
    await box.untilReady();
    await box.add('/user/ada', 'http://pod:8001');
    // A request through its nginx to its own API.
    expect((await box.get('/user/ada/')).status).toBe(404);
    const status = async () => ((await box.api('GET', '/status')).json() as { fleet: FleetStatus }).fleet;
    await until(async () => (await status()).replicas[0]?.state === 'serving', { what: 'it to have joined' });
    expect((await status()).replicas).toMatchObject([{ api: 'http://127.0.0.1:8001' }]);
    expect((await status()).database).not.toContain(PASSWORD);
    const began = performance.now();
    await topology.docker(['stop', '--time', '25'], 'pod');
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(await topology.docker(['inspect', '--format', '{{.State.ExitCode}}'], 'pod')).toBe('0');
  });
});

interface Pod {
  readonly securityContext: { readonly runAsUser: number; readonly fsGroup: number };
  readonly containers: readonly {
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly ports: readonly { readonly containerPort: number }[];
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly { readonly name: string; readonly emptyDir?: object }[];
}

/** A compose file with the only container of a pod, and the database of docker/fleet. Volumes belong to root, as Kubernetes makes them. */
function composeOf({ securityContext: { runAsUser, fsGroup }, containers, volumes }: Pod): string {
  const [container] = containers;
  const mounted = (isEmpty: boolean) =>
    (container?.volumeMounts ?? []).filter(({ name }) =>
      volumes.some((one) => one.name === name && (one.emptyDir !== undefined) === isEmpty),
    );
  const secrets = makeTempDir();
  const texts = { token: TOKEN, database: `postgres://signalbox:${PASSWORD}@database/signalbox?sslmode=prefer` };
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(secrets, name), text);
    // Of others only root can say who they belong to.
    if (isRoot) chownSync(join(secrets, name), 0, fsGroup);
    chmodSync(join(secrets, name), isRoot ? 0o440 : 0o444);
  }
  const pod = {
    image: IMAGES.nginx,
    user: `${runAsUser}:${fsGroup}`,
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    depends_on: ['database'],
    environment: Object.fromEntries(
      (container?.env ?? []).flatMap(({ name, value }) =>
        value ? [[name, value.replace('$(POD_IP)', '127.0.0.1')]] : [],
      ),
    ),
    ports: (container?.ports ?? []).map(({ containerPort }) => `127.0.0.1:0:${containerPort}`),
    volumes: [
      ...mounted(true).map(({ name, mountPath }) => {
        return { type: 'volume', source: name, target: mountPath, volume: { nocopy: true } };
      }),
      ...mounted(false).map(({ mountPath }) => `${secrets}:${mountPath}:ro`),
    ],
  };
  const empty = { driver_opts: { type: 'tmpfs', device: 'tmpfs', o: `uid=0,gid=${fsGroup},mode=2777` } };
  const database = { extends: { file: join(ROOT, 'docker/fleet/compose.yaml'), service: 'database' } };
  const file = join(makeTempDir(), 'compose.yaml');
  writeFileSync(
    file,
    stringify({
      services: { database, pod },
      volumes: { database: {}, ...Object.fromEntries(mounted(true).map(({ name }) => [name, empty])) },
    }),
  );
  return file;
}
