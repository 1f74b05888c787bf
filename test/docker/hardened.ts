import { expect } from 'vitest';
import type { Topology } from './topology.ts';

interface Inspected {
  readonly Config: { readonly User: string };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[];
    readonly SecurityOpt: readonly string[];
    readonly Privileged: boolean;
  };
  readonly Mounts: readonly { readonly Source: string }[];
}

/** What each container of ours is held to: no root, no capabilities, nothing to write to but volumes, no way to the engine. */
export async function expectHardened(topology: Topology, services: readonly string[]): Promise<void> {
  for (const service of services) {
    const [inspected] = JSON.parse(await topology.docker(['inspect'], service)) as [Inspected];
    expect(inspected.Config.User, service).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(inspected.HostConfig, service).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      Privileged: false,
    });
    for (const { Source } of inspected.Mounts) expect(Source, service).not.toContain('docker.sock');
  }
}
