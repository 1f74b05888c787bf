import { describeError, SignalboxError } from '../errors.ts';
import { TemplateError } from '../render/template-error.ts';
import { ownFiles, sameFiles, type TemplateFiles } from '../render/template-files.ts';
import type { Log } from '../system/log.ts';
import { digestOf } from './digest.ts';

/** Why the newest templates of the user are not in use. */
export interface TemplateProblem {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Null when the proxy refuses them and does not say where. */
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
}

export interface TemplateTrialOptions<T> {
  /** Reads the files as they are now. */
  read: () => TemplateFiles;
  /** Makes from the files what a driver renders with. */
  make: (files: TemplateFiles) => T;
  /** The last good ones of an earlier daemon. */
  kept: TemplateFiles | undefined;
  /** Keeps good ones for a later daemon. */
  keep: (files: TemplateFiles) => void;
  log: Log;
}

interface Candidate<T> {
  readonly files: TemplateFiles;
  readonly made: T;
  readonly digest: string;
}

/** Errors for which templates may be to blame. */
const REFUSALS = ['TEMPLATE_FAILED', 'PROXY_REFUSED_CONFIG'];

/**
 * The templates that a driver renders with: the last ones that its proxy has taken, and newer ones to be tried. Refused ones are
 * put aside until the files change again, so that a mistake in a template keeps no route from being served.
 */
export class TemplateTrial<T> {
  readonly #options: TemplateTrialOptions<T>;
  #good: Candidate<T> | undefined;
  #next: Candidate<T> | undefined;
  #seen: TemplateFiles;
  #problem: TemplateProblem | undefined;
  #inUse: T;

  constructor(options: TemplateTrialOptions<T>) {
    this.#options = options;
    if (options.kept) this.#good = this.#candidate(options.kept);
    this.#seen = options.read();
    this.#next = this.#candidate(this.#seen);
    this.#inUse = this.#next.made;
  }

  /** The set that is in use: the one that is being tried, or the one that was taken last. */
  get inUse(): T {
    return this.#inUse;
  }

  get problem(): TemplateProblem | undefined {
    return this.#problem;
  }

  /** Is there a set to try? It may also be one that the proxy took earlier. */
  get hasNews(): boolean {
    return this.#next !== undefined;
  }

  /** Digest of the set that `use` begins with. */
  get wanted(): string {
    return (this.#next ?? this.#good)?.digest ?? 'none';
  }

  /** Digest of the set that the proxy took last. */
  get taken(): string {
    return this.#good?.digest ?? 'none';
  }

  /** Names of the user's files that are in use. */
  get own(): string[] {
    return Object.keys(ownFiles((this.#good ?? this.#next)?.files ?? new Map()));
  }

  /** Reads the files again; true when there is something new to try. `again`: also what was refused. */
  refresh(again = false): boolean {
    let files: TemplateFiles;
    try {
      files = this.#options.read();
    } catch (error) {
      this.#complain(error, undefined);
      return false;
    }
    const refused = this.#next === undefined && this.#problem !== undefined;
    if (sameFiles(files, this.#seen) && !(refused && (again || this.#isGood(files)))) return false;
    this.#seen = files;
    this.#next = this.#candidate(files);
    return true;
  }

  /** Throws when the newest set can't be rendered and there is no older one: then a driver must not start. */
  check(render: (made: T) => void): void {
    const next = this.#next;
    if (!next) return;
    try {
      this.#inUse = next.made;
      render(next.made);
    } catch (error) {
      if (!this.#good || !isRefusal(error)) throw error;
      this.#inUse = this.#good.made;
      this.#refuse(next, error);
    }
  }

  /**
   * Runs `apply` with the newest templates, and with the last good ones when those are refused. `fallback`: are there good ones?
   */
  async use(apply: (made: T, fallback: boolean) => Promise<void>): Promise<void> {
    const next = this.#next;
    const good = this.#good;
    const run = ({ made }: Candidate<T>, fallback: boolean) => {
      this.#inUse = made;
      return apply(made, fallback);
    };
    if (!next) return good && (await run(good, false));
    try {
      await run(next, good !== undefined && !sameFiles(next.files, good.files));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (!good || sameFiles(next.files, good.files)) {
        if (error instanceof TemplateError) this.#complain(error, next.files);
        throw error;
      }
      // If this fails as well, it is not known what is to blame, and the newest ones are tried again.
      await run(good, false);
      this.#refuse(next, error);
      return;
    }
    this.#accept(next);
  }

  #candidate(files: TemplateFiles): Candidate<T> {
    const texts = [...files].flatMap(([name, { text }]) => [name, text]);
    return { files, made: this.#options.make(files), digest: digestOf(texts) };
  }

  #accept(candidate: Candidate<T>): void {
    const { log, keep } = this.#options;
    const news = this.#good && !sameFiles(candidate.files, this.#good.files);
    if (!this.#good || news) keep(candidate.files);
    if (news || this.#problem)
      log.info({ event: 'template', own: Object.keys(ownFiles(candidate.files)) }, 'templates taken up');
    this.#good = candidate;
    this.#problem = undefined;
    if (this.#next === candidate) this.#next = undefined;
  }

  #refuse(candidate: Candidate<T>, error: unknown): void {
    if (this.#next === candidate) this.#next = undefined;
    this.#complain(error, candidate.files);
  }

  #complain(error: unknown, files: TemplateFiles | undefined): void {
    const message = error instanceof TemplateError ? error.message : describeError(error);
    const isNews = this.#problem?.message !== message;
    const { file = onlyNews(files, this.#good?.files), line } = error instanceof TemplateError ? error.place : {};
    this.#problem = { time: Date.now(), file: file ?? null, line: line ?? null, message };
    const staying = this.#good ? '; the last good templates stay' : '';
    if (isNews) this.#options.log.error({ event: 'template', file, line }, `${message}${staying}`);
  }

  #isGood(files: TemplateFiles): boolean {
    return this.#good !== undefined && sameFiles(files, this.#good.files);
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof SignalboxError && REFUSALS.includes(error.code);
}

/** The file that has changed, when it is only one. */
function onlyNews(files: TemplateFiles | undefined, good: TemplateFiles | undefined): string | undefined {
  if (!files || !good) return undefined;
  const names = [...new Set([...files.keys(), ...good.keys()])];
  const news = names.filter((name) => files.get(name)?.text !== good.get(name)?.text);
  return news.length === 1 ? news[0] : undefined;
}
