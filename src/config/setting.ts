import { type TUnsafe, Type } from 'typebox';
import type { HostPort } from '../system/address.ts';
import type { Header } from './headers.ts';
import type { NamespaceSetting } from './namespaces/setting.ts';

/** What a value of each kind is once it is parsed. */
export interface KindValue {
  address: HostPort;
  url: string;
  path: string;
  /** Milliseconds. */
  duration: number;
  /** Bytes. */
  size: number;
  integer: number;
  boolean: boolean;
  enum: string;
  string: string;
  headers: readonly Header[];
  paths: readonly string[];
  /** A mapping of mappings, which no flag and no variable can hold. */
  namespaces: readonly NamespaceSetting[];
}

export type Kind = keyof KindValue;

/** Kinds whose values are texts. */
export type TextKind = Exclude<Kind, 'namespaces'>;

/** What parsers and documentation need to know of a setting, beyond its type. */
export interface Constraints {
  /** The choices of an enum. */
  readonly choices?: readonly string[];
  /** The least and the most an integer, a duration (in ms) or a size (in bytes) may be. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** What a string must match, and how to say so. */
  readonly pattern?: RegExp;
  readonly want?: string;
  /** A path that may also be the name of a command, to be looked up in PATH. */
  readonly command?: boolean;
  /** The text goes into nginx's configuration: what could end a quoted string there is refused. */
  readonly inNginxConfig?: boolean;
  /** A file that must be there and readable at start. */
  readonly readable?: boolean;
  /** The path of a unix socket, which the system wants short. */
  readonly socket?: boolean;
  /** People put a token here by mistake, so messages never repeat the value. */
  readonly neverEcho?: boolean;
}

/** A property of the schema: JSON Schema's keywords are not enough to parse flags and variables, so it has its own. */
export interface Setting<T = unknown> extends TUnsafe<T>, Constraints {
  readonly kind: Kind;
  readonly description: string;
  /** Text, as a user would write it; undefined when there is none or it is computed. */
  readonly default: string | undefined;
  /** Words for a default that depends on the machine. */
  readonly computedDefault: string | undefined;
}

/** A setting that always has a value. */
export function withDefault<K extends Exclude<Kind, 'enum'>>(
  kind: K,
  text: string,
  description: string,
  constraints: Constraints = {},
): Setting<KindValue[K]> {
  return make(kind, { ...constraints, description, default: text, computedDefault: undefined });
}

/** A setting whose default load.ts finds out; `words` describe it. */
export function withComputedDefault<K extends Exclude<Kind, 'enum'>>(
  kind: K,
  words: string,
  description: string,
  constraints: Constraints = {},
): Setting<KindValue[K]> {
  return make(kind, { ...constraints, description, default: undefined, computedDefault: words });
}

/** A setting that may be absent. */
export function optional<K extends Exclude<Kind, 'enum'>>(
  kind: K,
  description: string,
  constraints: Constraints = {},
): Setting<KindValue[K] | undefined> {
  return make(kind, { ...constraints, description, default: undefined, computedDefault: undefined });
}

/** A setting with a few possible values. */
export function oneOf<const V extends string>(
  choices: readonly V[],
  value: NoInfer<V>,
  description: string,
): Setting<V> {
  return make('enum', { choices, description, default: value, computedDefault: undefined });
}

/** A setting with a few possible values that may be absent. */
export function optionalOneOf<const V extends string>(
  choices: readonly V[],
  description: string,
): Setting<V | undefined> {
  return make('enum', { choices, description, default: undefined, computedDefault: undefined });
}

function make<T>(kind: Kind, rest: Omit<Setting<T>, 'kind' | '~unsafe'>): Setting<T> {
  return Type.Unsafe<T>({ kind, ...rest }) as Setting<T>;
}
