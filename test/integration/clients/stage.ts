import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { which } from '../../../scripts/setup/run.mjs';
import { type Backend, startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { describeEachProxyOnce } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';

/** What a client finds: `/user/ada` leads to a backend (see startBackend), everything else nowhere. */
export interface Stage {
  readonly box: Signalbox;
  readonly backend: Backend;
  /** `http://127.0.0.1:8000/user/ada`, or with https. */
  readonly url: string;
  /** The authority of the certificate; empty without TLS. */
  readonly ca: string;
}

/** More than any buffer on the way holds. */
export const BIG = 3_000_000;

/** A file to upload, and what `/upload` answers to it. */
export function bigFile(): { path: string; answer: { bytes: number; sha256: string } } {
  const path = join(makeTempDir(), 'body');
  const body = Buffer.alloc(BIG, 'a body of many bytes ');
  writeFileSync(path, body);
  return { path, answer: { bytes: BIG, sha256: createHash('sha256').update(body).digest('hex') } };
}

/** A suite for nginx and for Traefik. */
export function describeClient(name: string, body: (stage: Stage) => void, { tls = false } = {}): void {
  describeEachProxyOnce(name, (proxy) => {
    const stage: { -readonly [key in keyof Stage]?: Stage[key] } = {};
    beforeAll(async () => {
      const folder = makeTempDir();
      const { key, cert } = makeCertificate();
      writeFileSync(join(folder, 'key.pem'), key);
      writeFileSync(join(folder, 'cert.pem'), cert);
      const flags = ['--ssl-key', join(folder, 'key.pem'), '--ssl-cert', join(folder, 'cert.pem')];
      stage.backend = await startBackend();
      stage.box = await startSignalbox({ proxy, args: tls ? flags : [] });
      await stage.box.add('/user/ada', stage.backend.url);
      stage.url = `${tls ? 'https' : 'http'}://127.0.0.1:${stage.box.port}/user/ada`;
      stage.ca = tls ? join(folder, 'cert.pem') : '';
    });
    // Filled by the time a test looks at it.
    body(stage as Stage);
  });
}

/** The same for a client that may be missing. */
export function describeProgram(program: string, name: string, body: (stage: Stage, path: string) => void): void {
  const path = which(program);
  describeIf(path, `${program} is not installed`, name, () => {
    describeClient('through', (stage) => body(stage, path as string));
  });
}
