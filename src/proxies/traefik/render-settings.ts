/** What rendering the dynamic file needs to know besides the routes: plain values, `null` where something is absent. */
export interface TraefikSettings {
  /** All names of ours begin with it and a dash: `signalbox`. */
  readonly name_prefix: string;
  /** Routers as a tree (`parentRefs`, Traefik 3.6 and later); false: all side by side. */
  readonly tree: boolean;
  /** Names of the entry points that the routes are served on. */
  readonly entry_points: readonly string[];
  /** On those entry points; null: no TLS, or the entry point's own. */
  readonly tls: { readonly options: string | null; readonly cert_resolver: string | null } | null;
  /** The operator's own, such as `auth@file`, in their order; in front of everything of ours. */
  readonly middlewares: readonly string[];
  /** What a request must match besides, such as "Host(`hub.example`)"; null: nothing. */
  readonly rule: string | null;
  /** Where Signalbox asks for the generation: marker.ts. The token is a secret, from `[A-Za-z0-9_-]`. */
  readonly marker: { readonly token: string; readonly entry_point: string };
  /** Answer `/_chp_healthz`; needs `ping: { manualRouting: true }` in the static configuration. */
  readonly health: boolean;
  readonly host_routing: boolean;
  /** Does the entry point merge slashes and resolve dot segments? Traefik's default; ours is false. */
  readonly sanitize_path: boolean;
  readonly include_prefix: boolean;
  readonly prepend_path: boolean;
  readonly x_forward: boolean;
  readonly change_origin: boolean;
  readonly custom_headers: readonly { readonly name: string; readonly value: string }[];
  /** URL that error pages are asked from. */
  readonly error_target: string | null;
  /** Files as Traefik sees them. */
  readonly backend_tls: {
    readonly verify: boolean;
    readonly ca_file: string | null;
    readonly cert_file: string | null;
    readonly key_file: string | null;
  };
  /** Milliseconds that a backend may be silent before its answer. */
  readonly proxy_timeout_ms: number | null;
}
