import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StatusReport } from '../../api/schemas.ts';
import type { Config } from '../../config/schema.ts';
import type { SignalboxError } from '../../errors.ts';
import { formatAddress, type HostPort, isEverywhere } from '../../system/address.ts';
import { type ApiAddress, askApi, callApi } from '../client/api.ts';
import type { Database } from './database.ts';

/** Everything that checks look at, gathered once. */
export interface Scene {
  readonly config: Config;
  readonly warnings: readonly string[];
  readonly api: Api;
  /** The daemon that uses the state folder; undefined when there is none that can be seen. */
  readonly daemon: { readonly pid: number; readonly uid: number } | undefined;
  /** Of a table that several replicas share; undefined with SQLite. */
  readonly database: Database | undefined;
  /** May the reload command be run? */
  readonly tryReload: boolean;
}

/** What the API says, or why it says nothing. */
export type Api =
  | { readonly url: string; readonly report: StatusReport; readonly readiness: Readiness; readonly metrics: string }
  | { readonly url: string; readonly failure: SignalboxError };

interface Readiness {
  readonly ready: boolean;
  readonly reason?: string;
}

/** Looks around. */
export async function gather(config: Config, warnings: readonly string[], tryReload: boolean): Promise<Scene> {
  const [api, database] = await Promise.all([askDaemon(apiOf(config)), findDatabase(config)]);
  return { config, warnings, tryReload, api, database, daemon: findDaemon(config.stateDir) };
}

/** The URL on which something that listens there is reached from here. */
export function localUrl({ host, port }: HostPort, tls: boolean): string {
  const reached = isEverywhere(host) || host === '0.0.0.0' ? '127.0.0.1' : host;
  return `${tls ? 'https' : 'http'}://${formatAddress({ host: reached, port })}`;
}

function apiOf(config: Config): ApiAddress {
  const { apiSocket, api, apiSslCert, token } = config;
  if (apiSocket !== undefined) return { url: `http+unix://${encodeURIComponent(apiSocket)}`, token };
  const url = localUrl(api, apiSslCert !== undefined);
  if (apiSslCert === undefined) return { url, token };
  // Our own certificate, by whatever name and authority: it is on this machine that we look for it.
  const tls = { ca: readFileSync(apiSslCert), allowPartialTrustChain: true, checkServerIdentity: () => undefined };
  return { url, token, tls };
}

async function askDaemon(address: ApiAddress): Promise<Api> {
  const { url } = address;
  try {
    const readyz = await askApi(address, 'GET', '/readyz');
    const report = (await callApi(address, 'GET', '/status')) as StatusReport;
    const metrics = await askApi(address, 'GET', '/metrics');
    return { url, report, readiness: JSON.parse(readyz.text), metrics: metrics.text };
  } catch (error) {
    return { url, failure: error as SignalboxError };
  }
}

async function findDatabase(config: Config): Promise<Database | undefined> {
  if (config.database === undefined && config.databaseFile === undefined) return undefined;
  // Late: the others have no use for it.
  const { openDatabase } = await import('./database.ts');
  return openDatabase(config);
}

function findDaemon(stateDir: string): Scene['daemon'] {
  try {
    const pid = Number.parseInt(readFileSync(join(stateDir, 'lock.pid'), 'utf8'), 10);
    return { pid, uid: statSync(`/proc/${pid}`).uid };
  } catch {
    return undefined;
  }
}
