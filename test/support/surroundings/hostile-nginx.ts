import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir } from '../tmp.ts';

/** Copies of answers: nginx takes one of the two. */
export const KEEPS = ['proxy_cache hostile', 'proxy_store on'] as const;
export type Keeps = (typeof KEEPS)[number];

/** What an http block can say that our servers would inherit, each to the worst. */
const directives = (dir: string, keeps: Keeps) => [
  // As guides to tuning have it.
  'open_file_cache max=1000 inactive=60s',
  'open_file_cache_valid 60s',
  'open_file_cache_min_uses 1',
  'open_file_cache_errors on',
  'tcp_nopush on',
  'reset_timedout_connection on',
  'disable_symlinks on',
  // What is a request.
  'merge_slashes on',
  'underscores_in_headers off',
  'ignore_invalid_headers on',
  'client_header_buffer_size 1k',
  'large_client_header_buffers 2 1k',
  'client_max_body_size 1',
  'client_body_buffer_size 1k',
  'client_body_timeout 500ms',
  'client_body_in_file_only on',
  'client_body_in_single_buffer on',
  // Connections.
  'keepalive_timeout 0',
  'keepalive_requests 1',
  'keepalive_min_timeout 10s',
  'lingering_close off',
  'send_timeout 500ms',
  'tcp_nodelay off',
  'chunked_transfer_encoding off',
  'postpone_output 1000000',
  'output_buffers 1 1m',
  // What nginx says itself.
  'error_page 400 404 500 502 503 504 =200 /hostile',
  'recursive_error_pages off',
  'absolute_redirect on',
  'default_type application/x-hostile',
  'types { application/x-hostile html; }',
  'root /nonexistent',
  'index hostile.html',
  'log_subrequest on',
  'rewrite_log on',
  'access_log off',
  'uninitialized_variable_warn on',
  // Answers.
  'expires 30d',
  'etag off',
  'if_modified_since before',
  'max_ranges 0',
  'charset koi8-r',
  'charset_types *',
  'override_charset on',
  'gzip on',
  'gzip_types *',
  'gzip_min_length 1',
  'gzip_proxied any',
  'ssi on',
  'ssi_types *',
  'mirror /hostile',
  // Proxying.
  'proxy_bind 192.0.2.1',
  'proxy_buffering on',
  'proxy_request_buffering on',
  `proxy_cache_path ${dir}/cache keys_zone=hostile:1m`,
  keeps,
  'proxy_cache_key hostile',
  'proxy_cache_methods GET HEAD POST',
  'proxy_cache_valid any 1h',
  'proxy_ignore_headers Set-Cookie Cache-Control Expires Vary',
  'proxy_cookie_domain ~.* hostile.example',
  'proxy_cookie_path ~.* /hostile',
  'proxy_cookie_flags ~ secure',
  'proxy_force_ranges on',
  'proxy_http_version 1.0',
  'proxy_ignore_client_abort on',
  'proxy_intercept_errors on',
  'proxy_limit_rate 1',
  'proxy_next_upstream off',
  'proxy_next_upstream_timeout 1ms',
  'proxy_next_upstream_tries 1',
  'proxy_pass_request_body off',
  'proxy_pass_request_headers off',
  'proxy_read_timeout 500ms',
  'proxy_send_timeout 500ms',
  'proxy_redirect ~.* http://hostile.example/',
  'proxy_set_header Host hostile.example',
  'proxy_ssl_verify on',
  'proxy_ssl_verify_depth 0',
  // Of parts that few builds have.
  'early_hints 1',
  'gunzip on',
];

/** Those that this nginx knows, for an http block. */
export function hostileHttpBlock(nginx: string, keeps: Keeps): string {
  const dir = makeTempDir();
  mkdirSync(join(dir, 'cache'));
  let left = directives(dir, keeps);
  for (;;) {
    const block = left.map((directive) => (directive.endsWith('}') ? directive : `${directive};`)).join('\n');
    const unknown = unknownDirective(nginx, dir, block);
    if (unknown === undefined) return block;
    left = left.filter((directive) => !directive.startsWith(`${unknown} `));
  }
}

function unknownDirective(nginx: string, dir: string, block: string): string | undefined {
  const config = join(dir, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`);
  writeFileSync(config, `pid ${dir}/pid; events {} http { ${paths.join(' ')}\n${block} }`);
  try {
    execFileSync(nginx, ['-t', '-q', '-p', dir, '-e', 'stderr', '-c', config], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    const unknown = /unknown directive "(\w+)"/.exec(String(error))?.[1];
    if (unknown === undefined) throw error;
    return unknown;
  }
}
