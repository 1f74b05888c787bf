/** The tests that promise something amid change, kill and reload: what `npm run stress` runs again and again. */
export const STRESSED = [
  'test/integration/activity/log.test.ts',
  'test/integration/chp',
  'test/integration/names/routespecs.test.ts',
  'test/integration/proxying/keepalive.test.ts',
  'test/integration/proxying/streaming.test.ts',
  'test/integration/proxying/swap.test.ts',
  'test/integration/proxying/websockets.test.ts',
  'test/integration/resilience',
  'test/integration/templates/change.test.ts',
  'test/integration/templates/traefik.test.ts',
  'test/integration/traefik/managed.test.ts',
  'test/integration/traefik/sidecar.test.ts',
  'test/unit/reconcile',
  'test/unit/store',
  'test/unit/system',
];
