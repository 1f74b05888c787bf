import { SignalboxError } from '../errors.ts';

/** The path parameter of the endpoints of one route, for the OpenAPI document. */
export const ROUTE_PARAMS = {
  type: 'object',
  required: ['routespec'],
  properties: {
    routespec: {
      type: 'string',
      description:
        'The path, percent-encoded once, of any number of segments: `user/alice` (an encoded slash is a slash, too). ' +
        'With host routing the host comes first. Empty means the root.',
    },
  },
};

/** The answer to a request for a route that isn't there. */
export function noRoute(key: string): SignalboxError {
  return new SignalboxError('NOT_FOUND', `Not Found: there is no route ${JSON.stringify(key)}`);
}
