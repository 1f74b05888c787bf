import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../support/certificate.ts';
import { makeTempDir } from '../support/tmp.ts';

export type CertificateName = 'public' | 'backend' | 'client' | 'stranger' | 'proxy';

export interface Certificates {
  readonly pem: Readonly<Record<CertificateName, { readonly key: string; readonly cert: string }>>;
  /** `{public-cert}`, `{public-key}` and so on as paths; `{authorities}` holds the backend's and the client's. */
  readonly files: Readonly<Record<string, string>>;
}

/** Self-signed ones: each is its own authority. */
export function makeCertificates(): Certificates {
  const folder = makeTempDir('signalbox-conformance-tls-');
  const names: CertificateName[] = ['public', 'backend', 'client', 'stranger', 'proxy'];
  const pem = Object.fromEntries(names.map((name) => [name, makeCertificate(name)])) as Certificates['pem'];
  const files: Record<string, string> = {};
  const write = (name: string, text: string) => {
    files[name] = join(folder, `${name}.pem`);
    writeFileSync(files[name], text);
  };
  for (const name of names) {
    write(`${name}-cert`, pem[name].cert);
    write(`${name}-key`, pem[name].key);
  }
  write('authorities', pem.stranger.cert + pem.backend.cert);
  return { pem, files };
}
