import { randomBytes } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Templates } from '../../render/templates.ts';
import { digestOf } from '../../rollout/digest.ts';
import { isBefore, type Version } from '../version.ts';
import { isHttps, origin, upstreamServer } from './descriptor.ts';
import { renderSnippets } from './snippets.ts';
import type { Shape } from './table.ts';
import type { NginxSettings, NginxVariables } from './variables.ts';
import type { NginxBuild } from './version.ts';

/** One configuration: files by name, and their digest, with which nginx answers. */
export interface Rendered {
  readonly digest: string;
  readonly files: Readonly<Record<string, string>>;
}

const ERROR_PAGES = [
  { code: 404, text: 'No route leads here.' },
  { code: 500, text: 'The target of this route cannot be used.' },
  { code: 503, text: 'The server behind this route does not answer. It may be starting or have stopped.' },
];

/** Renders the configuration. Pure: the same arguments give the same bytes. */
export function renderConfig(
  templates: Templates,
  settings: NginxSettings,
  shape: Shape,
  pins: readonly string[],
  build: NginxBuild | undefined,
): Rendered {
  const variables: Omit<NginxVariables, 'digest'> = {
    ...settings,
    ...http2(settings, build?.version),
    keepalive_min_timeout: isFrom(build?.version, 28) ? '6s' : null,
    switched_off: switchedOff(build),
    answer_buffer: build?.isMusl ? '24k' : '80k',
    prefix: settings.prepend_path ? '$signalbox_prefix' : '',
    cut_depths: cutDepths(settings, shape),
    depths: shape.depths.map((depth) => pathPattern(depth, settings.host_routing, '+')),
    keys: keyDepths(shape).map((depth) => pathPattern(depth, settings.host_routing, '*')),
    lookups: [...shape.lookups],
    settled: settledVariables(shape.settled),
    pins: pins.map((pinned, index) => pinVariables(pinned, index)),
    error_pages: ERROR_PAGES.map((page) => ({
      code: page.code,
      html: templates.render('error.html', { ...page, title: STATUS_CODES[page.code] }).trim(),
    })),
    snippets: renderSnippets(templates, settings),
    map_hash_max_size: Math.max(
      4096,
      2 ** Math.ceil(Math.log2(2 * Math.max(shape.rows, shape.settled?.count ?? 0, pins.length, 1))),
    ),
    // An element takes its key, two bytes and two pointers (ngx_hash.c), rounded up to cache lines.
    map_hash_bucket_size: Math.max(
      256,
      Math.ceil((Math.max(shape.longestKey, shape.settled?.longestKey ?? 0, 300) + 64) / 64) * 64,
    ),
  };
  const render = (file: string) => templates.render(file, { ...variables, digest: DIGEST }).split(DIGEST);
  const parts = { 'nginx.conf': render('nginx.conf'), 'signalbox.conf': render('signalbox.conf') };
  const digest = digestOf(Object.values(parts).map((texts) => texts.join('')));
  const files = Object.entries(parts).map(([name, texts]) => [name, texts.join(digest)]);
  return { digest, files: Object.fromEntries(files) };
}

/** In the place of the digest of the text around it. Nothing else can be the same. */
const DIGEST = randomBytes(16).toString('hex');

/** The parameter of `listen` is deprecated since 1.25.1, the directive unknown before: ngx_http_v2_module. */
function http2({ public_tls: tls }: NginxSettings, version: Version | undefined) {
  const wanted = tls?.http2 === true;
  const directive = isFrom(version, 26);
  return {
    http2_listen: wanted && !directive ? ' http2' : '',
    http2_directive: wanted && directive ? '  http2 on;' : '',
  };
}

/** Is it at least 1.`minor`? */
function isFrom(version: Version | undefined, minor: number): boolean {
  return version !== undefined && !isBefore(version, [1, minor]);
}

/** Directives that our servers switch off, of parts that an nginx may have been built without. */
const SWITCHES = {
  charset: 'http_charset_module',
  gzip: 'http_gzip_module',
  mirror: 'http_mirror_module',
  proxy_cache: 'http-cache',
  ssi: 'http_ssi_module',
};

function switchedOff(build: NginxBuild | undefined): string[] {
  const known = Object.entries(SWITCHES).filter(([, part]) => !build?.without.includes(part));
  return known.map(([directive]) => directive);
}

/** Depths of keys, and how many segments of the path they are: with host routing the first is the host. */
function cutDepths({ host_routing }: NginxSettings, { depths, lookups }: Shape) {
  const used = [...new Set([...depths, ...lookups.map(({ depth }) => depth)])].filter((depth) => depth > 0);
  return used.map((depth) => ({ depth, segments: host_routing ? depth - 1 : depth }));
}

/** Depths of keys in rows, and the one of which a change is marked. */
function keyDepths({ lookups, settled }: Shape): number[] {
  const rows = [...lookups, ...(settled?.layers ?? [])].map(({ depth }) => depth);
  return [...new Set(settled ? [...rows, settled.depth] : rows)];
}

function settledVariables(settled: Shape['settled']) {
  if (settled === undefined) return null;
  const { depth, root, layers } = settled;
  return { depth, root, layers: [...layers] };
}

/** The pattern that takes the first segments of the decoded path; `+` for non-empty segments, `*` for any. */
function pathPattern(depth: number, hostRouting: boolean, repeat: '+' | '*') {
  const path = `((?:/[^/]${repeat}){${hostRouting ? depth - 1 : depth}})`;
  if (depth === 0) return { depth, source: '"$uri"', pattern: '^', value: '"/"' };
  if (!hostRouting) return { depth, source: '$uri', pattern: `^/*${path}`, value: '$1' };
  // Behind the host: outer slashes of the path don't count.
  if (depth === 1) return { depth, source: '"/$host"', pattern: '^(/[^/]+)', value: '$1' };
  return { depth, source: '"/$host$uri"', pattern: `^(/[^/]+)/*${path}`, value: '"$1$2"' };
}

function pinVariables(pinned: string, index: number) {
  const name = `signalbox-${index + 1}`;
  const scheme = isHttps(pinned) ? 'https' : 'http';
  return { name, origin: pinned, server: upstreamServer(pinned), url: `${scheme}://${name}` };
}

/** Distinct origins of descriptors, in their order. */
export function origins(descriptors: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const descriptor of descriptors) found.add(origin(descriptor));
  found.delete('');
  return [...found];
}
