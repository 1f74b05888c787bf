import { statSync } from 'node:fs';
import type { Mark, OwnProcess } from '../../process/own.ts';
import type { HostPort } from '../../system/address.ts';
import { isTaken } from '../../system/public-port.ts';
import type { Launch } from './launch.ts';

/**
 * Our Traefik is known by its static configuration, with which its command line ends, and by its user: our own until it has changed
 * to the configured one, or the owner of that file, who may have been another one when it was started.
 */
export function traefikMark(staticFile: string, { user }: Launch): Mark {
  const end = ` --configFile=${staticFile}`;
  return ({ uid, command }) => {
    if (!command.endsWith(end)) return false;
    const before = statSync(staticFile, { throwIfNoEntry: false })?.uid;
    return [process.geteuid?.(), user?.uid, before].includes(uid() ?? -1);
  };
}

/** Which of them still take connections. Only the port shows it: it is free when all that were told to end have closed it. */
export async function acceptingTraefiks(
  own: readonly OwnProcess[],
  told: ReadonlySet<number>,
  listen: HostPort,
): Promise<readonly OwnProcess[]> {
  const untold = own.filter(({ pid }) => !told.has(pid));
  if (untold.length > 0 || own.length === 0) return untold;
  return (await isTaken(listen)) ? own : [];
}
