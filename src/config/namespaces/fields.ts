import { optional, type Setting } from '../setting.ts';

/** Labels of letters, digits, - and _; international ones as clients send them (`xn--…`). */
const HOST = {
  pattern: /^[a-z\d_-]+(\.[a-z\d_-]+)*$/i,
  want: 'a host name such as hub.example, without scheme, port and final dot, international ones as xn--…',
};

/** What a namespace is told. */
export const FIELDS = {
  'token-file': optional('path', 'File with the token that its Hub shows; no other has the same.', { neverEcho: true }),
  host: optional(
    'string',
    'Its host name. The Hub thinks that it is alone: the host is put before its keys, and taken away from those it is shown. Needs host-routing.',
    HOST,
  ),
  path: optional(
    'string',
    'Its path: the base_url of the Hub, as a key, not percent-encoded. With host-routing it needs host beside it.',
    {
      pattern: /^\/(?![/.]*$)[^\0?#%]+$/,
      want: 'a path below the root such as /bio, not percent-encoded',
    },
  ),
  domain: optional(
    'string',
    'Its domain, for a Hub with subdomain_host: this host name and all that end with a dot and it. Needs host-routing.',
    HOST,
  ),
  'max-routes': optional('integer', 'How many routes it may have. What would make them more is refused with 403.', {
    minimum: 1,
    maximum: 1_000_000,
  }),
} satisfies Record<string, Setting>;

export type Field = keyof typeof FIELDS;

export function isField(name: string): name is Field {
  return Object.hasOwn(FIELDS, name);
}
