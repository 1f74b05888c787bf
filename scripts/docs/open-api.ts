import { buildApi } from '../../src/api/build.ts';
import { SignalboxError } from '../../src/errors.ts';
import { RoutingTable } from '../../src/routes/table.ts';

/** The OpenAPI document as this release serves it, without a daemon. */
export async function openApiDocument(version: string): Promise<OpenApi> {
  const absent = () => {
    throw new SignalboxError('INTERNAL', 'this API only exists to be described');
  };
  const app = buildApi({
    version,
    table: new RoutingTable(),
    namespaces: [],
    changes: { submit: absent },
    fresh: absent,
    config: { token: undefined, hostRouting: false },
    status: { report: absent, generation: absent, notReady: absent, lease: absent },
    metrics: { countChange: absent, render: absent },
    stats: absent,
    events: { add: absent, after: absent, since: 0 },
    verify: absent,
    history: { overview: absent, routes: absent, route: absent, people: absent },
    log: { debug: absent, info: absent, warn: absent, error: absent },
  });
  await app.ready();
  const document = app.swagger() as unknown as OpenApi;
  await app.close();
  return document;
}

/** The parts of an OpenAPI 3.1 document that the reference is made of. */
export interface OpenApi {
  readonly info: { readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, Response>>;
  readonly 'x-curl': string;
}

export interface Response {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

/** A JSON schema as the API's own are written. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}
