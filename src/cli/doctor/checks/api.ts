import { VERSION } from '../../../version.ts';
import { type Finding, fail, ok, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Does a daemon answer where the configuration says, and is it this one's? */
export function api({ api }: Scene): Finding {
  if (!('failure' in api)) {
    const { version } = api.report;
    if (version === VERSION) return ok(`Signalbox ${version} answers at ${api.url}`);
    return warn(
      `Signalbox ${version} answers at ${api.url}, this program is ${VERSION}`,
      'Restart the daemon, or use its own program: what this one knows may be older or newer.',
    );
  }
  const { code, message } = api.failure;
  if (code === 'FORBIDDEN') {
    return fail(
      message,
      'Give doctor the configuration of the daemon: the same -c FILE, token-file and variables. If the Hub gets a 403 too, its CONFIGPROXY_AUTH_TOKEN is another one.',
    );
  }
  return fail(
    message,
    'Start it, or give doctor the configuration of the one that runs (-c FILE, --api). In a container: run doctor in the same one.',
  );
}
