import { ownProcess } from '../../process/own.ts';
import { pidInFile } from '../../process/pid-in-file.ts';
import { anyMaster } from '../../proxies/nginx/workers.ts';

/** The nginx master that a pid file names; undefined when there is none, or it can't be seen. */
export function masterIn(file: string | undefined): number | undefined {
  try {
    const pid = file === undefined ? undefined : pidInFile(file);
    return pid === undefined ? undefined : ownProcess(pid, anyMaster)?.pid;
  } catch {
    return undefined;
  }
}
