/** What can stand on the right side of `c.Section.name =`. */
export type PythonValue =
  | string
  | number
  | boolean
  | null
  | readonly PythonValue[]
  | { readonly [key: string]: PythonValue };

/** The text of a jupyterhub_config.py with these settings: `{ 'JupyterHub.port': 8000 }` is `c.JupyterHub.port = 8000`. */
export function hubConfig(settings: Readonly<Record<string, PythonValue>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `c.${name} = ${python(value)}`);
  return `${lines.join('\n')}\n`;
}

function python(value: PythonValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, one]) => `${python(key)}: ${python(one)}`)
      .join(', ')}}`;
  }
  // Python reads JSON's strings and numbers as they are.
  return JSON.stringify(value);
}
