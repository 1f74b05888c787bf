/** What Traefik does otherwise than nginx: tests name these, docs/differences-traefik.md is made from them. */
export interface TraefikDifference {
  /** What is asked of the proxy. */
  readonly what: string;
  /** What comes of it with Traefik, and why. */
  readonly traefik: string;
}

export const traefikDifferences = {
  'path-spelling': {
    what: 'The path of a request reaches the backend byte for byte',
    traefik:
      'It reaches it in another spelling of the same: percent-encodings in capitals, unreserved characters decoded, dot segments resolved; a path with characters that no URL may have is encoded anew.',
  },
  fragments: {
    what: 'A request target with a `#`, which no client should send, is passed on',
    traefik: 'Refused with 400.',
  },
  'above-the-root': {
    what: 'A path that leads above the root, `/../x`, is refused with 400',
    traefik: 'Resolved to `/x`, as configurable-http-proxy does.',
  },
  'nul-in-path': {
    what: 'A path with `%00` is refused with 400',
    traefik: 'Passed on to the backend.',
  },
  'long-uris': {
    what: 'A request line of more than 64 KiB is refused with 414',
    traefik: 'Passed on: Go takes up to 1 MB of request line and headers, and answers 431 above.',
  },
} satisfies Record<string, TraefikDifference>;

export type TraefikDifferenceId = keyof typeof traefikDifferences;
