import type { Driver } from '../driver.ts';

export function createTraefikDriver(): Promise<Driver> {
  throw new Error('not yet');
}
