import type { ChildProcess } from 'node:child_process';
import type { Log } from '../system/log.ts';
import type { PublicPlace } from '../system/public-port.ts';
import type { Mark, OwnProcess } from './own.ts';

/** What is needed to start, watch and stop a program. */
export interface SupervisedSpec {
  /** For messages: `nginx`. */
  readonly name: string;
  /** Its working folder. */
  readonly dir: string;
  /** Where its process id is written; undefined when no later daemon takes it over. */
  readonly pidFile?: string;
  /** The address that users come to. */
  readonly listen: PublicPlace;
  /** Recognizes all its processes, also those that an earlier daemon left. */
  readonly mark: Mark;
  /** The signals that end it: the first lets running requests end, the second, where there is one, cuts them. */
  readonly ends: readonly [NodeJS.Signals, NodeJS.Signals?];
  /** How long it may take until it serves, and to close its listeners when it is told to end; ms. */
  readonly startMs: number;
  readonly closeMs: number;
  /** The processes that pass a signal on to the others; all unless given. */
  readonly heads?: (processes: readonly OwnProcess[]) => readonly OwnProcess[];
  /** The one to take over; the one of the pid file unless given. */
  readonly running?: () => OwnProcess | undefined;
  /** Why the one that runs is to be replaced; undefined when it can be taken over. Rejects when it does not serve. */
  readonly differs?: () => Promise<string | undefined>;
  /** The processes that still take connections, `told` of which were told to end. */
  readonly accepting: (own: readonly OwnProcess[], told: ReadonlySet<number>) => Promise<readonly OwnProcess[]>;
  readonly beforeStart?: () => Promise<void>;
  readonly launch: () => ChildProcess;
  /** Does it serve? Rejects while it does not answer, and with a SignalboxError when it never will. */
  readonly serves: () => Promise<boolean>;
  /** Called after a start, whether it serves or not. */
  readonly afterStart?: () => void;
  readonly takeRefusals: () => string[];
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** It ended without having been told to. */
  readonly onExit: (reason: string) => void;
}
