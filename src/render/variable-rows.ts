import type { TObject, TSchema } from 'typebox';

/** A variable for people to read. */
export interface VariableRow {
  /** `pins[].name` */
  readonly name: string;
  readonly type: string;
  readonly about: string;
}

interface Shape {
  readonly type?: string;
  readonly const?: unknown;
  readonly description?: string;
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
}

/** All variables of a schema; those inside objects and lists with the outer name in front. */
export function variableRows(schema: TObject, prefix = ''): VariableRow[] {
  const { properties = {} } = schema as TSchema as Shape;
  return Object.entries(properties).flatMap(([name, field]) => {
    const inner = [field, ...(field.anyOf ?? [])].find(({ properties: some, items }) => some ?? items?.properties);
    const below = inner?.properties ? `${prefix}${name}.` : `${prefix}${name}[].`;
    const rows = inner ? variableRows((inner.properties ? inner : inner.items) as TObject, below) : [];
    return [{ name: prefix + name, type: typeOf(field), about: field.description ?? '' }, ...rows];
  });
}

function typeOf({ type, const: value, anyOf, items }: Shape): string {
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (value !== undefined) return JSON.stringify(value);
  return type === 'array' && items ? `list of ${typeOf(items)}s` : (type ?? 'anything');
}
