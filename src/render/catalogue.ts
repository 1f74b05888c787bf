import type { TObject } from 'typebox';

/** Variables that belong together, as documentation shows them. */
export interface VariableGroup {
  readonly title: string;
  readonly about: string;
  readonly schema: TObject;
}

/** The description of one of our templates. */
export interface TemplateInfo {
  readonly about: string;
  readonly gets: readonly VariableGroup[];
}

/** All templates of one proxy, and the variables that each gets. */
export interface Catalogue {
  /** Name of the driver, and of its folder in the user's. */
  readonly proxy: string;
  /** The folder of our templates. */
  readonly ours: string;
  readonly templates: Readonly<Record<string, TemplateInfo>>;
  /** Its filters in addition to Liquid's, and what they do. */
  readonly filters: Readonly<Record<string, string>>;
}

/** Variables that follow from the configuration alone; snippets get no others. */
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
