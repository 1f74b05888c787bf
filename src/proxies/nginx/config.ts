import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import type { Templates } from '../../render/templates.ts';
import { origin, upstreamServer } from './descriptor.ts';
import type { Shape } from './table.ts';

/** What the templates need to know besides the table. */
export interface NginxSettings {
  readonly table: 'live' | 'map';
  /** Addresses as `listen` takes them. */
  readonly listen: readonly string[];
  readonly hostRouting: boolean;
  /** Host and port of the error target, for its Host header; undefined without one. */
  readonly errorHost: string | undefined;
  readonly tls: {
    readonly verify: boolean;
    readonly ca_file: string;
    readonly cert_file: string | null;
    readonly key_file: string | null;
  };
  /** User and group of the workers; undefined when Signalbox isn't root. */
  readonly user: string | undefined;
  readonly workerProcesses: string;
  /** Symlinks of the live table. */
  readonly runDir: string;
  readonly tempDir: string;
  readonly controlSocket: string;
  readonly pidFile: string;
  readonly errorLog: string;
  readonly accessLog: string;
}

/** One configuration: files by name, and a hash of them that nginx will answer with. */
export interface Rendered {
  readonly version: string;
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
): Rendered {
  const maxOpenFiles = openFilesLimit();
  const variables = {
    table: settings.table,
    listen: settings.listen,
    depths: shape.depths.map((depth) => pathPattern(depth, settings.hostRouting, '+')),
    keys: [...new Set(shape.lookups.map(({ depth }) => depth))].map((d) => pathPattern(d, settings.hostRouting, '*')),
    lookups: shape.lookups,
    generation: shape.generation ?? 0,
    pins: pins.map((pinned, index) => pinVariables(pinned, index)),
    error_pages: ERROR_PAGES.map((page) => ({
      code: page.code,
      html: templates.render('error.html', { ...page, title: STATUS_CODES[page.code] }).trim(),
    })),
    error_target: settings.errorHost ?? null,
    tls: settings.tls,
    user: settings.user ?? null,
    worker_processes: settings.workerProcesses,
    max_open_files: maxOpenFiles,
    worker_connections: Math.min(16_384, Math.max(512, maxOpenFiles - 128)),
    run_dir: settings.runDir,
    temp_dir: settings.tempDir,
    control_socket: settings.controlSocket,
    pid_file: settings.pidFile,
    error_log: settings.errorLog,
    access_log: settings.accessLog,
    map_hash_max_size: Math.max(4096, 2 ** Math.ceil(Math.log2(2 * Math.max(shape.rows, pins.length, 1)))),
    // An element takes its key, two bytes and two pointers (ngx_hash.c), rounded up to cache lines.
    map_hash_bucket_size: Math.max(256, Math.ceil((Math.max(shape.longestKey, 300) + 64) / 64) * 64),
  };
  const render = (version: string) => ({
    'nginx.conf': templates.render('nginx.conf', { ...variables, version }),
    'signalbox.conf': templates.render('signalbox.conf', { ...variables, version }),
  });
  const files = render(PLACEHOLDER);
  const version = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
  return { version, files: mapValues(files, (text) => text.replaceAll(PLACEHOLDER, version)) };
}

const PLACEHOLDER = '@version@';

/** How the first segments of the decoded path are cut out; `+` for segments that aren't empty, `*` for any. */
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
  const scheme = pinned.startsWith('https/') ? 'https' : 'http';
  return { name, origin: pinned, server: upstreamServer(pinned), url: `${scheme}://${name}` };
}

/** Distinct origins of descriptors, in their order. */
export function origins(descriptors: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const descriptor of descriptors) found.add(origin(descriptor));
  found.delete('');
  return [...found];
}

/** The hard limit of open files, which every process may raise its own to. */
function openFilesLimit(): number {
  try {
    const limit = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return Math.min(Number(limit ?? 4096), 65_536);
  } catch {
    return 4096;
  }
}

function mapValues<T, U>(object: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
