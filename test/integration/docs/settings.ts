import { expect } from 'vitest';
import { readSettings } from '../../../src/cli/setting-flags.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { makeCertificate } from '../../support/certificate.ts';

/** A configuration file of Signalbox, loaded as the daemon does. The files it names are not here: others stand in for them. */
export function checkSettings(text: string): void {
  const file = '/etc/signalbox/signalbox.yaml';
  const certificate = makeCertificate();
  const readFile = (path: string) => {
    if (path === file) return { text, mode: 0o600 };
    if (/key/.test(path)) return { text: certificate.key, mode: 0o600 };
    // No two files have the same.
    return { text: /token/.test(path) ? `a-token-of-${path}` : certificate.cert, mode: 0o600 };
  };
  const { warnings } = loadConfig({ flags: readSettings(['-c', file]), env: {}, readFile });
  expect(warnings).toEqual([]);
}
