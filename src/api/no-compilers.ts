import type { FastifyServerOptions } from 'fastify';

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;

/**
 * The schemas are for the OpenAPI document. CHP's order of checks (JSON, token, target) and its messages can't be had from validation
 * by schema, so handlers check. Without Fastify's compilers, which are large, the daemon starts sooner and needs less memory.
 */
export const NO_COMPILERS = {
  buildValidator: () => () => () => true,
  buildSerializer: () => () => JSON.stringify,
  // Fastify's type asks for what Ajv's functions have besides.
} as unknown as Compilers;
