import type { TObject } from 'typebox';

/** Variables that belong together, as documentation shows them. */
export interface VariableGroup {
  readonly title: string;
  readonly about: string;
  readonly schema: TObject;
}

/** What there is to know of one of our templates. */
export interface TemplateInfo {
  readonly about: string;
  readonly gets: readonly VariableGroup[];
}

/** All templates of one proxy: what may be changed, and what each is told. */
export interface Catalogue {
  /** Name of the driver, and of its folder in the user's. */
  readonly proxy: string;
  /** The folder of ours. */
  readonly ours: string;
  readonly templates: Readonly<Record<string, TemplateInfo>>;
  /** What its filters do, beside those of Liquid. */
  readonly filters: Readonly<Record<string, string>>;
}

/** What follows from the configuration alone: all that the snippets are told. */
export function settingsGroup(schema: TObject): VariableGroup {
  return {
    title: 'settings',
    about: 'What follows from the configuration. Snippets get these and nothing else.',
    schema,
  };
}

/** A template for additions of the user's. */
export function snippet(about: string, settings: VariableGroup): TemplateInfo {
  return { about: `Empty with us. ${about}`, gets: [settings] };
}
