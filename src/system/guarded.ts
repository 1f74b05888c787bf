import { describeError } from '../errors.ts';
import { Complaint } from './complaint.ts';
import type { Log } from './log.ts';

/**
 * Wraps a job for a timer or a watcher, where an error would end the daemon. Errors are logged: the first one, each new reason, and
 * once a minute.
 */
export function guarded(log: Pick<Log, 'warn'>, what: string, job: () => unknown): () => Promise<void> {
  const complaint = new Complaint();
  return async () => {
    try {
      await job();
      complaint.end();
    } catch (error) {
      const reason = describeError(error);
      if (complaint.isNews(reason, Date.now())) log.warn({ reason }, `${what} failed`);
    }
  };
}
