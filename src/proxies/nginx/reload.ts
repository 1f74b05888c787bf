import { SignalboxError } from '../../errors.ts';
import type { Reload } from '../../rollout/until-served.ts';
import type { NginxHost } from './host.ts';

/** Where processes can't be seen: only the new configuration must have answered for this long. nginx gives old workers 100 ms. */
const QUIET_MS = 250;

/** Reloads nginx. The reload is over when the earlier workers drain: until then they accept requests. */
export function reloadNginx(host: Pick<NginxHost, 'canReload' | 'workers' | 'reload'>): Reload {
  if (!host.canReload) return { told: Promise.reject(unreloadable()), isOver: () => true };
  const old = host.workers()?.filter(({ draining }) => !draining);
  return {
    told: host.reload(),
    isOver(since) {
      if (old?.length === 0) return true;
      const now = host.workers();
      if (old === undefined || now === undefined) return Date.now() - since >= QUIET_MS;
      return old.every(({ pid }) => now.find((worker) => worker.pid === pid)?.draining !== false);
    },
  };
}

function unreloadable(): SignalboxError {
  return new SignalboxError('PROXY_NOT_CONFIRMED', 'nginx has to be reloaded, and there is no way to do it', {
    hint: 'Set --nginx-pid-file or --reload-command, or reload nginx by hand.',
  });
}
