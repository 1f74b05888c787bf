import type { NamespaceSetting } from '../../config/namespaces/setting.ts';
import { SignalboxError } from '../../errors.ts';
import { isInScope } from '../../routes/scope.ts';
import type { View } from './view.ts';

type Mount = Pick<View, 'keys' | 'toStored' | 'toShown'>;

/** How the keys of a namespace and those in the table lead to each other: one to one, and never out of its scope. */
export function mountOf(setting: NamespaceSetting): Mount {
  const { domain, host } = setting;
  const mount = domain === undefined ? below(host === undefined ? '' : `/${host}`) : inDomain(setting, domain);
  return {
    ...mount,
    toStored(given) {
      const key = mount.toStored(given);
      if (!isInScope(setting.scope, key)) throw outside(setting, given);
      return key;
    },
  };
}

/** Keys without a host; it is put in front of them. */
function below(front: string): Mount {
  return {
    keys: { hostRouting: false },
    toStored: (given) => (front !== '' && given === '/' ? front : `${front}${given}`),
    toShown: (key) => key.slice(front.length) || '/',
  };
}

/**
 * Keys with their host. A Hub with subdomain_host wants `/` for itself, where it is to get whatever no other route has. That is everybody's:
 * it gets the root of its domain.
 */
function inDomain(setting: NamespaceSetting, domain: string): Mount {
  const root = `/${domain}`;
  return {
    keys: { hostRouting: true },
    toStored(given) {
      if (given === root) throw outside(setting, given, 'It is / here.');
      return given === '/' ? root : given;
    },
    toShown: (key) => (key === root ? '/' : key),
  };
}

function outside(setting: NamespaceSetting, given: string, hint = hintFor(setting)): SignalboxError {
  return new SignalboxError(
    'NOT_IN_NAMESPACE',
    `Forbidden: ${JSON.stringify(given)} is not in the namespace ${setting.name}`,
    { hint: `${hint} Nothing was changed.` },
  );
}

function hintFor({ domain, path }: NamespaceSetting): string {
  if (domain !== undefined) return `It has the host ${domain} and those that end with .${domain}.`;
  return `It has ${path} and what is below it: is ${path}/ the base_url of the Hub?`;
}
