import { type Static, Type } from 'typebox';
import type { CertificateTexts } from './last-good-certificates.ts';
import type { Setting } from './setting.ts';
import { activity } from './settings/activity.ts';
import { database } from './settings/database.ts';
import { listen } from './settings/listen.ts';
import { namespaces } from './settings/namespaces.ts';
import { processSettings } from './settings/process.ts';
import { proxy } from './settings/proxy.ts';
import { requests } from './settings/requests.ts';
import { tls } from './settings/tls.ts';
import { traefik } from './settings/traefik.ts';

/**
 * The configuration: the keys of the YAML file, which are also the flags (`--state-dir`) and the environment variables
 * (`SIGNALBOX_STATE_DIR`). Parsing, `signalbox serve --help` and docs/configuration.md are all made from this.
 */
export const configSchema = Type.Object({
  ...listen,
  ...tls,
  ...requests,
  ...proxy,
  ...traefik,
  ...activity,
  ...processSettings,
  ...database,
  ...namespaces,
});

/** A key of the file, in kebab-case. */
export type Key = keyof typeof configSchema.properties;

/** All keys, in the order of the documentation. */
export const KEYS = Object.keys(configSchema.properties) as Key[];

/** The keys under the headings of help and documentation. */
export const GROUPS: readonly { readonly title: string; readonly keys: readonly Key[] }[] = [
  { title: 'Listeners', keys: keysOf(listen) },
  { title: 'TLS', keys: keysOf(tls) },
  { title: 'Requests', keys: keysOf(requests) },
  { title: 'nginx', keys: keysOf(proxy) },
  { title: 'Traefik', keys: keysOf(traefik) },
  { title: 'Activity', keys: keysOf(activity) },
  { title: 'State and log', keys: keysOf(processSettings) },
  { title: 'PostgreSQL and replicas', keys: keysOf(database) },
  { title: 'Namespaces', keys: keysOf(namespaces) },
];

/** The values by their key, before the names become camelCase. */
export type Values = Static<typeof configSchema>;

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** The checked configuration. What can be absent is `undefined`; durations are in milliseconds, paths absolute. */
export type Config = Readonly<{ [K in Key as CamelCase<K>]: Values[K] }> & {
  /** What the Hub must show; never to be printed. */
  readonly token: string | undefined;
  /** What whoever only reads may show instead; never to be printed. */
  readonly readToken: string | undefined;
  /** Of the namespaces, by name; hashed. */
  readonly namespaceTokens: ReadonlyMap<string, Buffer>;
  /** Of ssl-key and of api-ssl-key, where they are encrypted; never to be printed. */
  readonly sslKeyPassphrase: string | undefined;
  readonly apiSslKeyPassphrase: string | undefined;
  /** Of the files that the proxy uses, in the order of their settings. */
  readonly certificates: CertificateTexts;
};

/** The setting of a key. */
export function settingOf(key: Key): Setting {
  return configSchema.properties[key];
}

/** `state-dir` → `SIGNALBOX_STATE_DIR` */
export function envName(key: Key): string {
  return `SIGNALBOX_${key.replaceAll('-', '_').toUpperCase()}`;
}

/** `state-dir` → `stateDir`, the name in Config. */
export function camelCase(key: string): string {
  return key.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Is the text a key of the file? */
export function isKey(text: string): text is Key {
  return Object.hasOwn(configSchema.properties, text);
}

/** Is it too much for a flag or a variable? */
export function isFileOnly(key: Key): boolean {
  return settingOf(key).kind === 'namespaces';
}

/** May the flag of that key be repeated? */
export function isList(key: Key): boolean {
  return ['headers', 'paths'].includes(settingOf(key).kind);
}

function keysOf(group: Partial<Record<Key, Setting>>): Key[] {
  return Object.keys(group) as Key[];
}
