import { API_ERRORS } from '../../src/api/errors.ts';
import { type OpenApi, type Operation, openApiDocument, type Response, type Schema } from './open-api.ts';

/** docs/rest-api.md: the OpenAPI document for people to read. */
export async function restApiPage(): Promise<string> {
  const document = await openApiDocument('');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => {
    return Object.entries(methods).map(([method, operation]) => ({
      title: `${method.toUpperCase()} ${path}`,
      operation,
    }));
  });
  const groups = document.tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return [`## ${description}`, ...own.map(({ title, operation }) => section(title, operation))].join('\n\n');
  });
  return `${[INTRODUCTION, ...groups, schemas(document), ERRORS].join('\n\n')}\n`;
}

const INTRODUCTION = `# REST API

<!-- Made by \`npm run docs\` from the schemas in src/api. Change those, not this file. -->

Signalbox answers the REST API of configurable-http-proxy, which JupyterHub speaks, and adds to it. A change is answered
once the proxy really serves it: 201 for a route that was added, 204 for one that is gone. When that can't be had in time
the answer is 503 with the reason; the change is kept and served as soon as the proxy can.

The examples take the address from \`API\` and the token from \`TOKEN\`:

\`\`\`sh
API=http://127.0.0.1:8001
TOKEN=...   # what Signalbox has in CONFIGPROXY_AUTH_TOKEN
\`\`\`

The token goes into the header \`Authorization: token VALUE\` (\`Bearer VALUE\` works too). With the token of a
[namespace](namespaces.md) the table is its part alone, by its own keys. A token that only reads
(\`read-token-file\`) has all of \`GET\`, and nothing else. \`GET /openapi.json\` is this page for
programs.

Whoever changes something on behalf of somebody else says so in the header \`Signalbox-Actor: ada via dashboard\`, for the log and
for [events](#get-events). It is believed. Control characters and those that turn the direction of a text are taken out of it, and
what is over 200 bytes is cut off. With the token of a namespace it is ignored: the actor is \`namespace NAME\`.`;

const ERRORS = `## Errors

Every error has a JSON body with \`message\`, \`code\` and mostly \`hint\`, which says how to mend it. \`message\` begins with the text
that configurable-http-proxy has. Checks come in this order: path (404), method (405), JSON (400), token (403), the rest.

| Code | Status | Meaning |
|---|---|---|
${Object.entries(API_ERRORS)
  .filter(([, kind]) => !kind.internal)
  .map(([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`)
  .join('\n')}`;

function section(title: string, operation: Operation): string {
  const { summary, description, security, parameters = [], requestBody, responses } = operation;
  const body = requestBody?.content['application/json']?.schema;
  const parts = [
    `### \`${title}\``,
    `${summary.replace(/[^?]$/, '$&.')}${description ? ` ${description}` : ''}${security ? '' : ' Needs no token.'}`,
    `\`\`\`sh\n${operation['x-curl']}\n\`\`\``,
    parameters.map((given) => `- \`${given.name}\` (${given.in}): ${given.description}`).join('\n'),
    body ? `Body: ${typeOf(body)}. ${body.description ?? ''}`.trim() : '',
    ...responseLines(responses),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** A table of the answers, and one line for the errors, whose meanings stand at the end of the page. */
function responseLines(responses: Operation['responses']): string[] {
  const answers: string[] = [];
  const errors: string[] = [];
  for (const [status, response] of Object.entries(responses)) {
    const body = bodyOf(response);
    if (body !== ERROR_LINK) answers.push(`| ${status} | ${body} | ${response.description} |`);
    else errors.push(...codesIn(response.description).map((code) => `${code} (${status})`));
  }
  return [`| Status | Body | Meaning |\n|---|---|---|\n${answers.join('\n')}`, `Errors: ${errors.join(', ')}.`];
}

const ERROR_LINK = '[Error](#error)';

function codesIn(description: string): string[] {
  return [...description.matchAll(/`[A-Z_]+`(?=:)/g)].map(([code]) => code);
}

function bodyOf({ content }: Response): string {
  const [type, media] = Object.entries(content ?? {})[0] ?? [];
  if (media === undefined) return 'empty';
  return type === 'application/json' ? typeOf(media.schema) : String(type);
}

function schemas({ components }: OpenApi): string {
  const tables = Object.entries(components.schemas).map(([name, schema]) => {
    const open = schema.additionalProperties === true ? ' Other fields are allowed.' : '';
    return `### ${name}\n\n${schema.description}.${open}\n\n${fieldTable(schema)}`;
  });
  return ['## Objects', ...tables].join('\n\n');
}

function fieldTable(schema: Schema): string {
  return `| Field | Type | |\n|---|---|---|\n${fieldRows(schema, '').join('\n')}`;
}

function fieldRows({ properties = {}, required = [] }: Schema, prefix: string): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const type = `${typeOf(field)}${required.includes(name) ? '' : ', optional'}`;
    const row = `| \`${prefix}${name}\` | ${type} | ${field.description ?? ''} |`;
    const inner = field.anyOf?.find((one) => one.properties) ?? field;
    return [row, ...fieldRows(inner, `${prefix}${name}.`)];
  });
}

function typeOf(schema: Schema): string {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (typeof schema.additionalProperties === 'object') return `object of ${typeOf(schema.additionalProperties)}`;
  return schema.format ?? schema.type ?? 'anything';
}
