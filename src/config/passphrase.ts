import type { Config } from './schema.ts';

/** Whose variables count more: `signalbox chp` puts CHP's first. */
export type Prefix = 'SIGNALBOX_' | 'CONFIGPROXY_';

/** For an encrypted ssl-key and api-ssl-key. */
export type FoundPassphrases = Pick<Config, 'sslKeyPassphrase' | 'apiSslKeyPassphrase'>;

/** The passphrases of private keys. They have no flag and no key: everyone can see a command line. */
export function findPassphrases(
  env: NodeJS.ProcessEnv,
  prefixes: readonly Prefix[] = ['SIGNALBOX_', 'CONFIGPROXY_'],
): FoundPassphrases {
  // an empty variable is a passphrase that isn't there: no key has an empty one
  const find = (name: string) => prefixes.map((prefix) => env[prefix + name]).find((text) => text) || undefined;
  return { sslKeyPassphrase: find('SSL_KEY_PASSPHRASE'), apiSslKeyPassphrase: find('API_SSL_KEY_PASSPHRASE') };
}
