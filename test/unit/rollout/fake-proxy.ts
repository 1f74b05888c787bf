import { SignalboxError } from '../../../src/errors.ts';
import { type Configuration, type Placement, Rollout, type RolloutOptions } from '../../../src/rollout/rollout.ts';

export const configuration = (digest: string, size = 0): Configuration => ({ digest, size });

/** A proxy with its folder, in which all that happens is written down in order. */
export class FakeProxy implements Placement<Configuration> {
  readonly events: string[] = [];
  readonly logged: string[] = [];
  refusals: string[] = [];
  /** Said by `nginx -t`, so to speak. */
  testSays: string | undefined;
  inPlace: string | undefined;
  good: string | undefined;
  serves: string | undefined;
  up = true;
  flaw: string | undefined;
  looksByItself = false;
  /** What the proxy does once it was told, or looks by itself. */
  onTold: () => Promise<void> | void = () => {
    this.serves = this.inPlace;
  };

  rollout(over: Partial<RolloutOptions<Configuration>> = {}): Rollout<Configuration> {
    this.looksByItself = 'reload' in over && over.reload === undefined;
    const log = (fields: object, message: string) => void this.logged.push(`${message}${JSON.stringify(fields)}`);
    return new Rollout({
      proxy: 'the proxy',
      host: this,
      placement: this,
      served: async () => {
        if (!this.up) throw new Error('connection refused');
        return this.serves;
      },
      reload: () => {
        this.events.push('told');
        return { told: Promise.resolve(this.onTold()), isOver: () => true };
      },
      flaw: async () => this.flaw,
      hearsRefusals: () => true,
      patience: { baseMs: 60, rowMs: 0 },
      log: { info: log, error: log },
      ...over,
    });
  }

  async ensureUp(): Promise<void> {
    if (this.up) return;
    this.events.push('started');
    this.up = true;
    this.serves = this.inPlace;
  }

  takeRefusals(): string[] {
    return this.refusals.splice(0);
  }

  holds({ digest }: Configuration): boolean {
    return this.inPlace === digest;
  }

  async stage({ digest }: Configuration): Promise<void> {
    if (this.testSays !== undefined) throw new SignalboxError('PROXY_REFUSED_CONFIG', this.testSays);
    this.events.push(`staged ${digest}`);
  }

  place({ digest }: Configuration): void {
    this.events.push(`placed ${digest}`);
    this.inPlace = digest;
    if (this.looksByItself) void this.onTold();
  }

  keep({ digest }: Configuration): void {
    this.good = digest;
  }

  restore(): boolean {
    this.events.push(`restored ${this.good}`);
    this.inPlace = this.good;
    if (this.looksByItself) void this.onTold();
    return this.good !== undefined;
  }
}
