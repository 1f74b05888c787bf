/** Integration tests that take long, or need more than one nginx: below test/integration, as globs. */
export const LONG = [
  'activity/{backlog,hostile-logs,log,matrix}.test.ts',
  'boundaries/**',
  'chp/**',
  'cli/{examples,offline}.test.ts',
  'clients/**',
  'dashboard/browser/**',
  'docs/{backup,blocks,fleet,logrotate,python,systemd,traefik}.test.ts',
  'doctor/**',
  'fleet/**',
  'names/**',
  'postgres/**',
  'proxying/{error-pages,hostile-http-block,keepalive,several-addresses,streaming,swap,tls-backends}.test.ts',
  'resilience/{big-table,descriptors,environment,frozen,full-disk,half-renewed,host-names,kept-clients,kill-daemon,load,output,pins,sidecar,sidecar-include,sidecar-user,silent-dns,store,unserved,websocket}.test.ts',
  'templates/{change,examples}.test.ts',
  'traefik/**',
];
