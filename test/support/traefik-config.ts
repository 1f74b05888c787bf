import { join } from 'node:path';
import { headerAliases } from '../../src/proxies/header-aliases.ts';
import { DynamicConfig } from '../../src/proxies/traefik/dynamic.ts';
import { TRAEFIK_FILTERS } from '../../src/proxies/traefik/quote.ts';
import type { TraefikSettings } from '../../src/proxies/traefik/variables.ts';
import { readTemplateFiles } from '../../src/render/template-files.ts';
import { Templates } from '../../src/render/templates.ts';

const templates = new Templates(
  readTemplateFiles(join(import.meta.dirname, '../../templates/traefik'), undefined),
  TRAEFIK_FILTERS,
);

/** What the templates are told where a test doesn't care. */
export const plainSettings: TraefikSettings = {
  name_prefix: 'signalbox',
  tree: true,
  choose_error_headers: true,
  service_middlewares: true,
  entry_points: ['web'],
  tls: null,
  middlewares: [],
  rule: null,
  marker: { token: 'test-token', entry_point: 'web' },
  health: true,
  host_routing: false,
  sanitize_path: false,
  include_prefix: true,
  prepend_path: true,
  x_forward: true,
  keep_forwarded: false,
  change_origin: false,
  custom_headers: [],
  header_aliases: headerAliases({ customHeader: [], xForward: true }),
  error_target: null,
  backend_tls: { verify: true, ca_file: null, cert_file: null, key_file: null },
  proxy_timeout_ms: null,
};

export function makeConfig(over: Partial<TraefikSettings> = {}): DynamicConfig {
  return new DynamicConfig(templates, { ...plainSettings, ...over });
}
