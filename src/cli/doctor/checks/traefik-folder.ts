import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../../errors.ts';
import { type Check, type Finding, fail, ok, skipped } from '../check.ts';

const TIMEOUT_MS = 5_000;

/** Does Traefik watch the folder that our file is in? */
export const traefikFolder: Check = {
  id: 'traefik-folder',

  async run({ config: { driver, managed, traefikDir, traefikPrefix, traefikApi } }): Promise<Finding> {
    if (driver !== 'traefik' || managed) return skipped('only for a Traefik that someone else runs');
    const file = join(traefikDir ?? '', `${traefikPrefix}.yml`);
    if (statSync(file, { throwIfNoEntry: false }) === undefined) {
      return fail(`${file} is not there`, 'Signalbox writes it: does it run, and may it write there?');
    }
    if (traefikApi === undefined) return skipped('Traefik can not be asked: there is no traefik-api');
    try {
      const answer = await fetch(new URL('/api/http/routers?per_page=1000', traefikApi), {
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const routers = (await answer.json()) as { name: string }[];
      if (routers.some(({ name }) => name.startsWith(traefikPrefix))) return ok(`Traefik has read ${file}`);
      return fail(
        `Traefik has no routers of ${file}`,
        `Its providers.file.directory must be ${traefikDir}, with watch: true, and the same folder as ours. Over NFS and some volumes of Docker Desktop changes are not announced.`,
      );
    } catch (error) {
      return fail(
        `Traefik's API does not answer at ${traefikApi}: ${describeError(error)}`,
        'Say where it is with traefik-api.',
      );
    }
  },
};
