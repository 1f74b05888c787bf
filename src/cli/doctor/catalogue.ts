/** What doctor looks at, for help and documentation, which have no use for the checks themselves. */
export const CATALOGUE = {
  configuration: 'the configuration can be read, and all of it has an effect',
  api: 'a Signalbox answers at the address of the API and takes the token',
  ready: 'the proxy serves the newest table; if not, the reason',
  'state-folder': 'the state folder belongs to the user of Signalbox, who may write there and nobody else',
  disk: 'the disk of the state folder has room, and inodes',
  'proxy-version': 'the program of the proxy is there and new enough',
  'same-path': 'the proxy sees the state folder, or traefik-dir, under the same path, also from a container of its own',
  include: 'nginx runs with the newest signalbox.conf and sees the state folder of Signalbox, not another one',
  'traefik-folder':
    'our file is in traefik-dir, and Traefik (asked over traefik-api) has left out none of the routers in it',
  workers: "nginx's workers may pass through all folders above the table",
  'pid-file': 'nginx-pid-file names an nginx master process that can be seen from here and signalled',
  reload: 'reload-command works; with --try-reload it is really run',
  'pcre-jit': 'nginx compiles regular expressions (pcre_jit on), which makes requests cheaper',
  pace: 'changes are served at once; with Traefik, that it is not throttled',
  'encoded-characters': 'Traefik lets paths with encoded characters such as %2F pass; it sends requests with them',
  templates: 'your own templates are in use, none was refused',
  'access-log': 'a request to the public side arrives in the access log that Signalbox reads; it sends one',
  'other-logs': 'the logs named by activity-log can be read and are of activity-format',
  sockets: '`ss` is there: without it a websocket counts as activity only when it ends',
  database:
    'PostgreSQL can be reached and written to: it is new enough, no standby, not read-only, and of the isolation level that is needed',
  'database-schema': 'the tables are there, this release can use them, and the role may read and write them',
  'database-tls': 'what goes to the database over a network is encrypted',
  'database-listen': 'changes of other replicas are heard of at once: no pooler keeps them away',
  'database-notify': "the server's queue of notifications is not filling up",
  'database-clock': 'the clocks of the database and of Signalbox agree',
  replicas: 'all replicas are of one version and have their lease',
  advertise: 'replicas can ask each other whether the database is there',
  clock: 'the clocks of the proxy and of Signalbox agree, or last_activity would be wrong',
  'api-exposed': 'the API listens for this machine only, or has a good token and TLS',
  token: 'no other user can read the token: not in its file, not on the command line of a process',
} as const;

export type CheckId = keyof typeof CATALOGUE;
