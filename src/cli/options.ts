/** An option, under its name without `--`. */
export interface Option {
  readonly about: string;
  /** The letter of `-o`. */
  readonly short?: string;
  /** What the value is called; absent for a switch. Shells complete FILE, PATH and DIR. */
  readonly value?: string;
  /** May be given more than once, and each one counts. */
  readonly repeatable?: boolean;
  /** A switch that can be turned off, too: `--no-NAME`. */
  readonly negatable?: boolean;
  readonly default?: string;
  /** Variables that stand for the option where it is not given; the first that is set counts. */
  readonly env?: readonly string[];
  /** What kind of value a setting has. Only settings have one: what is wrong with their values is said for all places together. */
  readonly kind?: string;
  readonly choices?: readonly string[];
}

export type Options = Readonly<Record<string, Option>>;

/** A word that belongs to no option, such as the routespec of `routes get`. */
export interface Operand {
  readonly name: string;
  readonly about: string;
  readonly optional?: boolean;
  /** May be several; only the last operand. */
  readonly repeatable?: boolean;
  readonly choices?: readonly string[];
}

type Value<O extends Option> = O extends { readonly value: string }
  ? O extends { readonly repeatable: true }
    ? readonly string[]
    : O extends { readonly default: string }
      ? string
      : string | undefined
  : boolean;

/** The values of options as a command gets them. */
export type OptionValues<O extends Options> = { readonly [K in keyof O]: Value<O[K]> };
