import type { HeaderPairs } from '../support/http-response.ts';

/**
 * One entry of the conformance suite: what is sent to both proxies, and what must come of it. Pure data, so that the
 * document about differences is made from it. `{name}` in flags, targets, paths, headers and bodies is filled in for each
 * proxy (see side.ts); what was observed has the ports put back as `<name>`.
 */
export interface Case {
  readonly name: string;
  /** Flags of configurable-http-proxy; cases with the same flags share a pair of proxies. */
  readonly flags?: readonly string[];
  /** From routespec to target, added in this order before the first step. */
  readonly routes?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /**
   * The fields that are compared, `*` at the end for all that begin so; all but those of no promise (compare.ts) unless
   * given. What `expect` and `difference` name is looked at in any case.
   */
  readonly compare?: readonly string[];
  /** What both proxies must show: without it two proxies that are wrong in the same way would count as alike. */
  readonly expect?: Expected;
  /** Fields in which Signalbox is right to differ; each side must show exactly its own. */
  readonly difference?: Difference;
  /** A fault of Signalbox that is known: the case must fail, and says so once it holds. */
  readonly fault?: string;
}

export interface Difference {
  readonly chp: Expected;
  readonly signalbox: Expected;
  readonly why: string;
}

/** From field to value: `status` of the first step, `2:status` of the second. null: there is no such field. */
export type Expected = Readonly<Record<string, string | number | RegExp | null>>;

/** What was observed of one step, flat, so that it can be compared field by field. */
export type Fields = Record<string, string | number>;

export type Step = RequestStep | WebSocketStep | RawStep | RunStep;

/** Where a step goes. The API gets the token unless the step brings an `Authorization` of its own. */
export type Listener = 'public' | 'api' | 'metrics' | 'redirect';

interface Common {
  readonly to?: Listener;
  /** Milliseconds until it counts as not answered; 8 s unless given. */
  readonly timeout?: number;
  /** The client certificate that is shown: one that the proxies were told to trust, or another. */
  readonly certificate?: 'trusted' | 'stranger';
  /** The one TLS version that the client speaks. */
  readonly tlsVersion?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
}

/** One HTTP request on a connection of its own. */
export interface RequestStep extends Common {
  /** Method and request target, which goes out byte for byte. */
  readonly request: string;
  readonly headers?: HeaderPairs;
  /** A number is the size of a body. */
  readonly body?: string | number;
  /** Sent in chunks of at most 64 KiB rather than with a length. */
  readonly chunked?: boolean;
  /** How the backend answers. */
  readonly answer?: Script;
}

/** A real websocket client: connects, sends, waits for as many echoes, closes. */
export interface WebSocketStep extends Common {
  readonly ws: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  readonly send?: readonly (string | number)[];
  readonly answer?: Script;
}

/** Bytes that need not be HTTP. */
export interface RawStep extends Common {
  readonly raw: string;
  readonly answer?: Script;
}

/** The program run with exactly these arguments, to its end or until it listens. */
export interface RunStep {
  readonly run: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Sent once it listens on the public port of its arguments. */
  readonly signal?: NodeJS.Signals;
  /** Looked at while it runs and after its end. */
  readonly pidFile?: string;
}

/** What the backend does with a request. 200 `hello` unless told otherwise. */
export interface Script {
  readonly status?: number;
  readonly reason?: string;
  readonly headers?: HeaderPairs;
  /** A number is the size of a body. */
  readonly body?: string | number;
  /** Sent chunk by chunk. */
  readonly chunks?: readonly string[];
  /** Written as it is; then the connection is closed. */
  readonly raw?: string;
  /** No answer at all, as long as the client waits. */
  readonly silent?: boolean;
}

/** Cases about one thing, as the document lists them. */
export interface Group {
  readonly title: string;
  readonly cases: readonly Case[];
}
