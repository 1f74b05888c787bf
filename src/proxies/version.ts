import { SignalboxError } from '../errors.ts';

/** The version of a proxy. */
export interface Version {
  /** `3.7.15` */
  readonly text: string;
  /** Its numbers, the most important one first. */
  readonly numbers: readonly number[];
}

/** Undefined for a build that has no number. */
export function parseVersion(text: string): Version | undefined {
  const [, whole, ...numbers] = /^v?((\d+)\.(\d+)(?:\.(\d+))?\S*)/.exec(text) ?? [];
  return whole === undefined ? undefined : { text: whole, numbers: numbers.map((number = '0') => Number(number)) };
}

export function isBefore({ numbers }: Version, wanted: readonly number[]): boolean {
  const at = numbers.findIndex((number, index) => number !== (wanted[index] ?? 0));
  return at >= 0 && (numbers[at] as number) < (wanted[at] ?? 0);
}

/** Throws PROXY_MISSING when the program is too old; a version without a number passes, as it may be anything. */
export function checkOldest(
  { program, proxy }: { program: string; proxy: 'nginx' | 'Traefik' },
  version: Version | undefined,
  oldest: readonly number[],
): void {
  if (!version || !isBefore(version, oldest)) return;
  throw new SignalboxError('PROXY_MISSING', `${program} is ${proxy} ${version.text}, which is too old`, {
    hint: `Signalbox needs ${proxy} ${oldest.join('.')} or newer; say where one is with --${proxy.toLowerCase()} PATH.`,
  });
}
