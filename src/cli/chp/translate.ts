import { isIPv6 } from 'node:net';
import type { Problem } from '../../config/problem.ts';
import { quote } from '../../config/problem.ts';
import { type Key, settingOf } from '../../config/schema.ts';
import type { Given } from '../../config/source.ts';
import { parseAddress } from '../../system/address.ts';
import { isProblem, type Words } from '../words.ts';
import { OWN_DEFAULTS, OWN_KEYS } from './own-flags.ts';
import { type Ports, readPort, readPorts } from './ports.ts';

/** What the flags mean for Signalbox. */
export interface Translation {
  readonly source: readonly (Given | Problem)[];
  /** Where `chp` has other defaults than `serve`. */
  readonly defaults: ReadonlyMap<Key, string>;
  readonly warnings: readonly string[];
}

/** Flags whose text is what the setting of that key wants. */
const SAME_TEXT: readonly (readonly [flag: string, key: Key])[] = [
  ['--socket', 'public-socket'],
  ...(['api-socket', 'metrics-socket', 'ssl-key', 'ssl-cert', 'ssl-ca', 'ssl-ciphers', 'ssl-dhparam'] as const).map(
    same,
  ),
  ...(['api-ssl-key', 'api-ssl-cert', 'api-ssl-ca', 'client-ssl-key', 'client-ssl-cert'] as const).map(same),
  ...(['client-ssl-ca', 'default-target', 'error-target', 'error-path', 'protocol-rewrite', 'pid-file'] as const).map(
    same,
  ),
];

const SWITCHES: readonly (readonly [flag: string, key: Key, text: 'true' | 'false'])[] = [
  ['--host-routing', 'host-routing', 'true'],
  ['--change-origin', 'change-origin', 'true'],
  ['--auto-rewrite', 'auto-rewrite', 'true'],
  ['--insecure', 'insecure', 'true'],
  ['--no-x-forward', 'x-forward', 'false'],
  ['--no-prepend-path', 'prepend-path', 'false'],
  ['--no-include-prefix', 'include-prefix', 'false'],
];

const MILLISECONDS = ['timeout', 'proxy-timeout', 'keep-alive-timeout'] as const;

export function translate(words: Words): Translation {
  const { values, headers } = valuesOf(words);
  const source: (Given | Problem)[] = words.options.flatMap((one) => {
    if (isProblem(one)) return [one];
    return one.text === undefined ? [{ place: one.flag, message: 'found nothing, want a value' }] : [];
  });
  const warnings: string[] = [];
  const give = (key: Key, text: string, place: string) => source.push({ key, text, place, named: true });
  const problem = (place: string, message: string) => source.push({ place, message });

  for (const [flag, key] of SAME_TEXT) {
    const text = values.get(flag);
    if (text !== undefined) give(key, text, flag);
  }
  for (const [flag, key, text] of SWITCHES) if (values.has(flag)) give(key, text, flag);
  for (const key of OWN_KEYS) {
    const text = values.get(`--${key}`);
    if (text !== undefined) give(key, text, `--${key}`);
  }

  const ports = readPorts(values, problem);
  giveAddresses(ports);
  giveRedirect(ports);
  for (const side of ['ssl', 'api-ssl'] as const) giveRequestCert(side);
  giveProtocol(values.get('--ssl-protocol'));
  giveHeaders();
  for (const key of MILLISECONDS) giveMilliseconds(key);
  const level = values.get('--log-level')?.toLowerCase();
  if (level !== undefined) {
    give('log-level', (settingOf('log-level').choices ?? []).includes(level) ? level : 'silent', '--log-level');
  }

  if (values.has('--ssl-allow-rc4')) warnings.push('--ssl-allow-rc4 has no effect: OpenSSL has no RC4 any more');
  if (values.has('--storage-backend')) {
    problem(
      '--storage-backend',
      'names a JavaScript module of CHP, which Signalbox cannot use: --persist keeps the table',
    );
  }
  return {
    source,
    defaults: new Map([...Object.entries(OWN_DEFAULTS), ...ports.defaults] as [Key, string][]),
    warnings,
  };

  function giveAddresses({ port, apiPort, metricsPort }: Ports): void {
    const socket = values.has('--socket');
    for (const flag of ['--ip', '--port']) {
      if (socket && values.has(flag)) problem('--socket', `cannot be used together with ${flag}`);
    }
    if (!socket && (values.has('--ip') || values.has('--port'))) {
      giveAddress('public', '--ip', '*', port, '--port');
    }
    if (values.has('--api-ip') || values.has('--api-port')) {
      giveAddress('api', '--api-ip', 'localhost', apiPort, '--api-port');
    }
    if (metricsPort !== undefined) giveAddress('metrics', '--metrics-ip', '*', metricsPort, '--metrics-port');
  }

  function giveAddress(key: Key, flag: string, fallback: string, port: number, portFlag: string): void {
    const host = values.get(flag) ?? fallback;
    if (values.get(flag) === '*') {
      warnings.push(`${flag}: * is taken for all interfaces; write 0.0.0.0 for all of IPv4, or leave it out for all`);
    }
    const text = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
    if (parseAddress(text) === undefined)
      problem(flag, `found ${quote(host)}, want an IP address or the name of a host`);
    else give(key, text, values.has(flag) ? flag : portFlag);
  }

  function giveRedirect({ port }: Ports): void {
    const redirect = readPort(values, '--redirect-port', problem);
    if (redirect === undefined) return;
    if (!values.has('--ssl-key') || !values.has('--ssl-cert')) {
      problem('--redirect-port', 'redirects to HTTPS, which needs --ssl-key and --ssl-cert');
      return;
    }
    if (values.has('--socket') || port === 80) {
      warnings.push(`--redirect-port has no effect: the public side is ${port === 80 ? 'port 80' : 'a socket'}`);
      return;
    }
    give('redirect', `*:${redirect}`, '--redirect-port');
    const to = readPort(values, '--redirect-to', problem);
    if (to !== undefined) give('redirect-to', String(to), '--redirect-to');
  }

  /** Without TLS CHP ignores it. */
  function giveRequestCert(side: 'ssl' | 'api-ssl'): void {
    const flag = `--${side}-request-cert`;
    if (!values.has(flag)) return;
    if (values.has(`--${side}-cert`)) give(`${side}-request-cert`, 'true', flag);
    else warnings.push(`${flag} has no effect: there is no --${side}-cert`);
  }

  function giveProtocol(text: string | undefined): void {
    const version =
      /^TLSv1[_.](?<minor>[0-3])$/.exec(text ?? '')?.groups?.minor ?? (text === 'TLSv1' ? '0' : undefined);
    if (text === undefined || text === 'TLS') return;
    if (version === '2' || version === '3') give('ssl-protocol', `TLSv1.${version}`, '--ssl-protocol');
    else if (version !== undefined)
      warnings.push(`--ssl-protocol ${text} is no longer safe: TLS 1.2 and 1.3 are spoken`);
    else problem('--ssl-protocol', `found ${quote(text)}, want TLSv1_2 or TLSv1_3`);
  }

  function giveHeaders(): void {
    for (const header of headers) {
      if (!header.includes(':')) problem('--custom-header', `a colon was expected in custom header: ${quote(header)}`);
      // settings have one header a line
      else if (header.includes('\n'))
        problem('--custom-header', `found ${quote(header)}, want one without line breaks`);
    }
    const sound = headers.filter((header) => header.includes(':') && !header.includes('\n'));
    if (sound.length > 0) give('custom-header', sound.join('\n'), '--custom-header');
  }

  /** What is no number, and 0, is no limit (for keep-alive: the default); nobody notices that a day is the most. */
  function giveMilliseconds(key: (typeof MILLISECONDS)[number]): void {
    const ms = Number.parseInt(values.get(`--${key}`) ?? '', 10);
    const { maximum = ms } = settingOf(key);
    if (ms > 0) give(key, `${Math.min(ms, maximum)}ms`, `--${key}`);
  }
}

/** The last value of each flag and all headers. With CHP an empty value counts as not given. */
function valuesOf({ options }: Words) {
  const values = new Map<string, string>();
  const headers: string[] = [];
  for (const one of options) {
    if (isProblem(one)) continue;
    const { name, text } = one;
    if (!text) values.delete(`--${name}`);
    else if (name === 'custom-header') headers.push(text);
    else values.set(`--${name}`, text);
  }
  return { values, headers };
}

function same(key: Key): readonly [flag: string, key: Key] {
  return [`--${key}`, key];
}
