/** Something that JupyterHub can have as its proxy. */
export interface Contender {
  /** For the command line and the keys of figures. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Starts it with an empty table. */
  start(): Promise<Running>;
}

/** Routes are given as path → target. */
export type Routes = ReadonlyMap<string, string>;

export interface Running {
  /** The public side. */
  readonly url: string;
  /** Names and versions of what runs. */
  readonly versions: Readonly<Record<string, string>>;
  /** As the Hub adds a route; resolves when the contender says that it is done. */
  add(path: string, target: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Many routes by the quickest way there is. */
  fill(routes: Routes): Promise<void>;
  /** Is `fill` one request of its own API? Else it is a way around it, which is not worth a figure. */
  readonly fillsByRequest: boolean;
  /** How many routes it says it has. */
  count(): Promise<number>;
  /** All its processes. */
  pids(): number[];
  /** Memory of its processes that would be there without it: of a program that it is a part of. */
  readonly foreignMb: number;
  /** Resolves when what it does by itself after a change is done. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}
