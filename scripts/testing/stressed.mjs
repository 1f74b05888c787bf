/**
 * The tests that promise something amid change, kill and reload, and those whose properties have fewer runs in `npm test`: what
 * `npm run stress` runs again and again.
 */
export const STRESSED = [
  'test/e2e/jupyterhub/fleet.test.ts',
  'test/integration/activity/backlog.test.ts',
  'test/integration/activity/log.test.ts',
  'test/integration/boundaries/paths.test.ts',
  'test/integration/boundaries/where-paths-go.test.ts',
  'test/integration/chp',
  'test/integration/fleet',
  'test/integration/names/routespecs.test.ts',
  'test/integration/postgres',
  'test/integration/proxying/keepalive.test.ts',
  'test/integration/proxying/streaming.test.ts',
  'test/integration/proxying/swap.test.ts',
  'test/integration/proxying/websockets.test.ts',
  'test/integration/resilience',
  'test/integration/templates/change.test.ts',
  'test/integration/templates/traefik.test.ts',
  'test/integration/traefik/managed.test.ts',
  'test/integration/traefik/sidecar.test.ts',
  'test/unit/process',
  'test/unit/reconcile',
  'test/unit/rollout',
  'test/unit/store',
  'test/unit/system',
];
