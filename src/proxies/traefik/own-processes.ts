import { statSync } from 'node:fs';
import type { Mark, OwnProcess } from '../../process/own.ts';
import type { HostPort } from '../../system/address.ts';
import { isTaken } from '../../system/public-port.ts';
import type { Launch } from './launch.ts';

/**
 * A Traefik of ours is known by its static configuration, which its command line ends with, and by its user: ourselves until it
 * has become the one it is to be, or whom that file was written for, which may have been another one then.
 */
export function traefikMark(staticFile: string, { user }: Launch): Mark {
  const end = ` --configFile=${staticFile}`;
  return ({ uid, command }) => {
    if (!command.endsWith(end)) return false;
    const before = statSync(staticFile, { throwIfNoEntry: false })?.uid;
    return [process.geteuid?.(), user?.uid, before].includes(uid() ?? -1);
  };
}

/** Which of ours still take connections: nothing shows it but the port, which is free when all that were told have closed it. */
export async function acceptingTraefiks(
  own: readonly OwnProcess[],
  told: ReadonlySet<number>,
  listen: HostPort,
): Promise<readonly OwnProcess[]> {
  const untold = own.filter(({ pid }) => !told.has(pid));
  if (untold.length > 0 || own.length === 0) return untold;
  return (await isTaken(listen)) ? own : [];
}
