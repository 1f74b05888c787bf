import { Counter, type Registry } from 'prom-client';

/** A counter of what is counted elsewhere: `read` is asked at each scrape. */
export function sampledCounter(registers: Registry[], name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers,
    collect() {
      // A Counter can only be added to.
      this.reset();
      this.inc(read());
    },
  });
}
