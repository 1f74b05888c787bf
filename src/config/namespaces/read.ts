import { SignalboxError } from '../../errors.ts';
import { checkKey } from '../../routes/key.ts';
import { overlap } from '../../routes/scope.ts';
import { parseValue } from '../parse.ts';
import { type Problem, quote } from '../problem.ts';
import { type Branch, meansToken } from '../source.ts';
import { didYouMean } from '../suggest.ts';
import { FIELDS, type Field, isField } from './fields.ts';
import type { NamespaceSetting } from './setting.ts';

export interface ReadNamespaces {
  readonly value: readonly NamespaceSetting[];
  readonly problems: readonly Problem[];
}

const NAME = /^[a-z\d][a-z\d_.-]{0,62}$/i;
const WANT = 'a mapping such as { token-file: /etc/signalbox/physics, host: physics.example }';

/** Reads what the file has below `namespaces`; relative paths count from `cwd`. */
export function readNamespaces(branches: readonly Branch[], cwd: string): ReadNamespaces {
  const problems: Problem[] = [];
  const value: NamespaceSetting[] = [];
  for (const branch of branches) {
    const read = readOne(branch, cwd);
    problems.push(...read.problems);
    if (!read.value) continue;
    const { name, scope } = read.value;
    const other = value.find((earlier) => overlap(earlier.scope, scope));
    value.push(read.value);
    if (other !== undefined) {
      const message = `has keys that ${other.name} has, too: namespaces must not overlap`;
      problems.push({ place: branch.place, key: keyOf(name), message });
    }
  }
  return { value, problems };
}

function readOne(branch: Branch, cwd: string): { value?: NamespaceSetting; problems: Problem[] } {
  const { name, place, instead, branches } = branch;
  const problems: Problem[] = [];
  const problem = (message: string, at = place, field?: string) =>
    void problems.push({ place: at, key: keyOf(name, field), message });
  if (!NAME.test(name)) {
    const want = 'want a name of letters, digits, - _ and .';
    return { problems: [{ place, key: 'namespaces', message: `found ${quote(name)}, ${want}` }] };
  }
  if (branches === undefined) {
    problem(`found ${instead ?? 'a single value'}, want ${WANT}`);
    return { problems };
  }

  const given = new Map<Field, unknown>();
  for (const field of branches) readField(field);
  if (problems.length > 0) return { problems };

  const [tokenFile, host, path, domain, maxRoutes] = (
    ['token-file', 'host', 'path', 'domain', 'max-routes'] as const
  ).map((field) => given.get(field)) as [NamespaceSetting['tokenFile'], ...(string | undefined)[], number | undefined];
  if (tokenFile === undefined) problem('needs token-file, the file with the token of its Hub');
  if (domain === undefined && host === undefined && path === undefined) problem('needs host, path or domain');
  if (domain !== undefined && (host ?? path) !== undefined) problem('has domain, which excludes host and path');
  if (problems.length > 0) return { problems };
  const scope = domain === undefined ? { prefix: `${host === undefined ? '' : `/${host}`}${path ?? ''}` } : { domain };
  return { value: { name, tokenFile, host, path, domain, maxRoutes, scope } as NamespaceSetting, problems };

  function readField({ name: field, place: at, text, instead: found }: Branch): void {
    if (!isField(field)) {
      const hint = meansToken(field)
        ? '; the token goes into the file that token-file names'
        : didYouMean(field, Object.keys(FIELDS));
      problem(`${quote(field)} is no setting of a namespace${hint}`, at);
      return;
    }
    const setting = FIELDS[field];
    const parsed = parseValue(text ?? '', setting, cwd);
    if (!parsed.ok) {
      const shown = setting.neverEcho ? '' : `found ${found ?? quote(text ?? '')}, `;
      problem(`${shown}want ${parsed.want}`, at, field);
      return;
    }
    const usable = usableOf(field, parsed.value, at);
    if (usable === undefined) problem(`found ${quote(text ?? '')}, want ${FIELDS.path.want}`, at, field);
    else given.set(field, usable);
  }
}

/** As it is used: hosts have no case, a path is a key. Undefined: no key can be like that. */
function usableOf(field: Field, value: unknown, place: string): unknown {
  if (field === 'token-file') return { path: value, place };
  if (field === 'host' || field === 'domain') return String(value).toLowerCase();
  if (field !== 'path') return value;
  try {
    return checkKey(String(value));
  } catch (error) {
    if (error instanceof SignalboxError) return undefined;
    throw error;
  }
}

function keyOf(name: string, field?: string): string {
  return ['namespaces', name, field].filter((part) => part !== undefined).join('.');
}
