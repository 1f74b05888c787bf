import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onCleanup } from './cleanup.ts';

/**
 * A new folder, removed at the end of the test file. mkdtemp makes it 0700, which shuts out nginx's workers: started by
 * root they run as nobody. 0711 lets them pass without showing the names.
 */
export function makeTempDir(prefix = 'signalbox-test-'): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o711);
  onCleanup(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
