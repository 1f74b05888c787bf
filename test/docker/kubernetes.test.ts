import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ensureKubernetesValidate } from '../../scripts/setup/kubernetes-validate.mjs';
import { runProcess } from '../support/process.ts';
import { describeDocker } from './describe-docker.ts';
import { IMAGES, ROOT } from './image.ts';
import { Box, startTopology } from './topology.ts';

const folder = join(ROOT, 'docker/kubernetes');
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');
const manifests = parseAllDocuments(read('docker/kubernetes/sidecar.yaml')).map((document) => document.toJS());
const find = (kind: string) => manifests.find((manifest) => manifest.kind === kind);

describe('docker/kubernetes', () => {
  it("is what Kubernetes' API takes, to the letter", async ({ skip }) => {
    const { folder: pythonPath, reason } = await ensureKubernetesValidate({ progress: () => {} });
    if (pythonPath === undefined) return skip(`no kubernetes-validate: ${reason}`);
    const args = ['-m', 'kubernetes_validate', '--strict', join(folder, 'sidecar.yaml')];
    const { code, stdout, stderr } = await runProcess('python3', args, { env: { PYTHONPATH: pythonPath } });
    expect(code, stdout + stderr).toBe(0);
    expect(stdout + stderr).toContain('deployment/signalbox against version');
  });

  it('starts nginx just as docker/nginx-sidecar does', () => {
    const { data } = find('ConfigMap');
    expect(data['before-nginx.sh']).toBe(read('docker/nginx-sidecar/before-nginx.sh'));
    expect(read('docker/nginx-sidecar/default.conf')).toContain(data['default.conf']);
  });

  it('has every container without root, capabilities or a root file system to write to', () => {
    const { spec } = find('Deployment').spec.template;
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 101,
      fsGroup: 101,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(spec.containers).toHaveLength(2);
    for (const { name, securityContext } of spec.containers) {
      expect(securityContext, name).toEqual({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('selects its own pods, and has a volume for each mount', () => {
    const { spec } = find('Deployment');
    const { labels } = spec.template.metadata;
    for (const manifest of manifests.filter(({ kind }) => kind === 'Service')) {
      expect(labels).toMatchObject(manifest.spec.selector);
    }
    const volumes = spec.template.spec.volumes.map(({ name }: { name: string }) => name);
    const mounts = spec.template.spec.containers.flatMap(({ volumeMounts }: { volumeMounts: { name: string }[] }) =>
      volumeMounts.map(({ name }) => name),
    );
    expect([...new Set(mounts)].sort()).toEqual(volumes.sort());
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
