/** All replicas of Signalbox that share a store, this one among them. */
export interface Fleet {
  /** Takes part from now on: other replicas wait for this one, as soon as its proxy serves the table. */
  start(): void;
  /** The proxy of this replica has shown to serve a generation. */
  served(generation: number): void;
  /**
   * Resolves when the proxies of all other replicas that count serve `generation`; rejects after `timeoutMs` with `NOT_SERVED`, which names
   * those that don't.
   */
  everywhere(generation: number, timeoutMs: number): Promise<void>;
  /** Do the others wait for this replica? Then the database is there. */
  readonly lease: boolean;
  /** Why a load balancer has to leave this replica out; undefined: it may have requests. */
  readonly notReady: string | undefined;
  /** Says that this replica is about to end, and resolves when balancers have had the time to notice. Nothing else ends by it. */
  leave(): Promise<void>;
  status(): FleetStatus;
  /** The others don't wait for this replica any more. */
  stop(): Promise<void>;
}

/** What happens with a table that others share, for those who count. */
export interface FleetEvents {
  /** The database has stored a batch. */
  onCommit(seconds: number): void;
  /** All others served what this replica has committed, or were given up. */
  onWait(seconds: number): void;
  /** A connection to the database that was lost is there again. */
  onReconnect(): void;
  /** The whole table was taken anew, in place of the one that was there. */
  onReset(): void;
}

export interface FleetStatus {
  /** Without a password. */
  readonly database: string;
  /** Why the database can't be reached; null when it can. */
  readonly problem: string | null;
  /** How long ago the table was last known to be that of the database, seconds. */
  readonly staleSeconds: number;
  /** Does this replica count for the others? */
  readonly lease: boolean;
  /** Are changes of other replicas heard of at once, or looked for? */
  readonly listening: boolean;
  readonly ack: 'all' | 'own';
  readonly replicas: readonly Replica[];
}

export interface Replica {
  readonly id: string;
  /** Unique among those that live. */
  readonly name: string;
  readonly version: string;
  /** Where others reach its API; null where it doesn't say. */
  readonly api: string | null;
  readonly state: 'joining' | 'serving';
  /** The newest generation that its proxy has shown to serve. */
  readonly served: number;
  /** What is left of its lease, seconds; negative when it has ended. */
  readonly leaseSeconds: number;
  /** A change is only served everywhere when this one has served it. */
  readonly awaited: boolean;
  readonly self: boolean;
}
