/**
 * The one place where strings from outside become nginx configuration. nginx reads a quoted string up to the same quote and
 * undoes only \" \' \\ \t \r \n (ngx_conf_read_token); everything else stands for itself, line breaks and braces too.
 */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw new Error('a NUL cannot stand in nginx configuration');
  return `"${text.replace(/["\\\t\r\n]/g, (c) => ESCAPES[c] as string)}"`;
}

/**
 * The same for a parameter in which nginx evaluates variables. There is no escape for a dollar; the variable
 * $signalbox_dollar (a `geo`, whose values are never evaluated) holds one.
 */
export function quoteValue(text: string): string {
  // `$` before the closing quote or a name: the braces keep what follows apart.
  return quoteLiteral(text).replaceAll('$', DOLLAR);
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: this is nginx's syntax
const DOLLAR = '${signalbox_dollar}';

const ESCAPES: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\t': '\\t', '\r': '\\r', '\n': '\\n' };
