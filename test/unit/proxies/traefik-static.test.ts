import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TRAEFIK_FILTERS } from '../../../src/proxies/traefik/quote.ts';
import { renderStaticFile } from '../../../src/proxies/traefik/static-file.ts';
import { Templates } from '../../../src/render/templates.ts';

const ours = readFileSync(join(import.meta.dirname, '../../../templates/traefik/static.yml'), 'utf8');

function render(text: string, accessLog: string | null = '/state/access.log'): string {
  const templates = new Templates(new Map([['static.yml', { text, own: true }]]), TRAEFIK_FILTERS);
  return renderStaticFile(templates, {
    public: { address: '127.0.0.1:8000', tls: false },
    redirect: null,
    private_address: '127.0.0.1:1',
    dashboard: null,
    health: true,
    encoded_characters: true,
    keep_forwarded_for: false,
    directory: '/state/dynamic',
    log_file: '/state/error.log',
    access_log: accessLog,
    keepalive_timeout: '5s',
    grace_timeout: '0s',
  });
}

it('ours has the access log that last_activity needs, and so may one with more fields', () => {
  expect(render(ours)).toContain('filePath: "/state/access.log"');
  expect(render(ours.replace('defaultMode: drop', 'defaultMode: keep'))).toContain('accessLog');
});

it.each([
  ['accessLog:', 'log2:', 'there is no accessLog'],
  ['filePath: {{ access_log | yaml }}', 'filePath: /var/log/hub.log', 'accessLog.filePath'],
  ['  format: json\n  fields:', '  format: common\n  fields:', 'accessLog.format'],
  [
    '  format: json\n  fields:',
    '  format: json\n  filters:\n    statusCodes: ["500-599"]\n  fields:',
    'accessLog.filters',
  ],
  ['  format: json\n  fields:', '  FORMAT: json\n  Filters: { minDuration: 1s }\n  fields:', 'accessLog.filters'],
  ['RouterName: keep', 'RouterName: drop', 'does not keep RouterName'],
  ['      OriginStatus: keep\n', '', 'does not keep OriginStatus'],
  ['    asDefault: true', '    asDefault: true\n    observability: { accessLogs: false }', 'the entry point public'],
])('a copy with another %j is refused, unless activity is off', (part, instead, reason) => {
  const copy = ours.replace(part, instead);
  expect(copy).not.toBe(ours);
  expect(() => render(copy)).toThrow(reason);
  expect(render(copy, null)).toContain('entryPoints');
});

it('what is no YAML is for Traefik to complain of', () => {
  expect(render('a: [')).toBe('a: [');
});
