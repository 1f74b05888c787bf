import { parse } from 'yaml';
import { TemplateError } from '../../render/template-error.ts';
import type { Templates } from '../../render/templates.ts';
import type { Version } from '../version.ts';
import type { staticSettings } from './settings.ts';

const FILE = 'static.yml';

/** The fields without which src/activity/formats/traefik-router.ts can't tell who was active. */
const FIELDS = [
  'StartUTC',
  'Duration',
  'RouterName',
  'DownstreamStatus',
  'DownstreamContentSize',
  'OriginStatus',
  'RequestContentSize',
];

/** Renders the static configuration. Throws when the user's template would silently end last_activity. */
export function renderStaticFile(templates: Templates, settings: ReturnType<typeof staticSettings>): string {
  const text = templates.render(FILE, settings);
  const harm = settings.access_log === null ? undefined : whyBlind(text, settings.access_log);
  if (harm === undefined) return text;
  throw new TemplateError(
    { file: FILE },
    `${harm}, and last_activity comes from that log: leave its part as in ours, or turn activity off (--no-activity)`,
  );
}

/** With the version in it, a Traefik of another version has another file, and is replaced. */
export function withVersion(text: string, version: Version | undefined): string {
  return `# Traefik ${version?.text ?? 'without a version'}\n${text}`;
}

function whyBlind(text: string, path: string): string | undefined {
  const file = lowerCaseKeys(read(text));
  if (typeof file !== 'object' || file === null) return undefined;
  const { accesslog: log, entrypoints } = file;
  if (log === undefined) return 'there is no accessLog';
  if (log.filepath !== path) return 'accessLog.filePath is not {{ access_log | yaml }}';
  if (log.format !== 'json') return 'accessLog.format is not json';
  if (Object.keys(log.filters ?? {}).length > 0) return 'accessLog.filters leaves requests out';
  const { names = {}, defaultmode = 'keep' } = log.fields ?? {};
  const missing = FIELDS.find((name) => (names[name.toLowerCase()] ?? defaultmode) !== 'keep');
  if (missing !== undefined) return `accessLog.fields does not keep ${missing}`;
  if (entrypoints?.public?.observability?.accesslogs === false) return 'the entry point public has no accessLogs';
  return undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever somebody wrote into a YAML file
type Anything = any;

/** Traefik itself will complain about a file that is no YAML. */
function read(text: string): Anything {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Traefik reads keys without regard to case. */
function lowerCaseKeys(value: Anything): Anything {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), lowerCaseKeys(inner)]));
}
