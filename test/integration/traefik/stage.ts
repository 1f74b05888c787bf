import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import type { DynamicConfig } from '../../../src/proxies/traefik/dynamic.ts';
import { digestIn, MARKER_HEADER, markerPath } from '../../../src/proxies/traefik/marker.ts';
import type { TraefikSettings } from '../../../src/proxies/traefik/variables.ts';
import type { HeaderPairs } from '../../support/http-response.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { type Answer, rawRequest } from '../../support/raw-http.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { missingTraefik, testTraefik } from '../../support/traefik.ts';
import { makeConfig, plainSettings } from '../../support/traefik-config.ts';
import { until } from '../../support/wait.ts';

/** A real Traefik that reads what DynamicConfig renders, without a daemon. */
export interface Stage {
  /** Replaces the table and waits until Traefik serves it; key to target. */
  serve(routes: Readonly<Record<string, string>>, over?: Partial<TraefikSettings>): Promise<void>;
  /** One request, the target exactly as given. */
  get(target: string, headers?: HeaderPairs): Promise<Answer>;
  /** What Traefik complained of. */
  complaints(): string;
  readonly config: DynamicConfig;
  readonly port: number;
}

export function describeTraefik(name: string, body: () => void): void {
  if (testTraefik) describe(`${name}, Traefik ${testTraefik.version}`, body);
  else test(name, ({ skip }) => skip(missingTraefik));
}

export async function startStage(): Promise<Stage> {
  if (!testTraefik) throw new Error(missingTraefik);
  const dir = makeTempDir();
  const folder = join(dir, 'dynamic');
  mkdirSync(folder);
  const port = await freePort();
  writeFileSync(join(dir, 'static.yml'), staticConfig(port, folder));
  const traefik = startProcess(testTraefik.path, [`--configFile=${join(dir, 'static.yml')}`]);
  let config = makeConfig();
  let generation = 0;

  const get = (target: string, headers: HeaderPairs = []) => rawRequest({ port, target, headers });
  return {
    async serve(routes, over = {}) {
      config = makeConfig(over);
      config.replace(Object.entries(routes).map(([key, target]) => ({ key, target, data: '{}' })));
      generation += 1;
      const digest = String(generation).padStart(16, '0');
      writeFileSync(join(folder, '.new'), config.frame()(digest));
      renameSync(join(folder, '.new'), join(folder, 'routes.yml'));
      const isServed = async () => {
        const answer = await get(markerPath(plainSettings.marker.token));
        return digestIn(answer.header(MARKER_HEADER)) === digest;
      };
      const what = `Traefik to serve generation ${generation}`;
      await until(isServed, { what, timeout: 20_000 }).catch((cause) => {
        throw new Error(`${what}: ${traefik.output()}`, { cause });
      });
    },
    get,
    complaints: () => traefik.output(),
    get config() {
      return config;
    },
    port,
  };
}

function staticConfig(port: number, folder: string): string {
  return `
entryPoints:
  web:
    address: 127.0.0.1:${port}
    forwardedHeaders: { insecure: true }
    http:
      sanitizePath: false
      encodeQuerySemicolons: true
      encodedCharacters:
        allowEncodedSlash: true
        allowEncodedBackSlash: true
        allowEncodedNullCharacter: true
        allowEncodedSemicolon: true
        allowEncodedPercent: true
        allowEncodedQuestionMark: true
        allowEncodedHash: true
ping: { manualRouting: true }
global: { checkNewVersion: false, sendAnonymousUsage: false }
log: { level: ERROR }
providers:
  providersThrottleDuration: 0
  file: { directory: ${JSON.stringify(folder)}, watch: true }
`;
}
