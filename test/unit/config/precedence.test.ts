import { describe, expect, it } from 'vitest';
import { load, loadYaml, problemsOf } from './load-with.ts';

it('every default is what the documentation says', () => {
  // what has no default is undefined
  const given = Object.entries(load({}).config).filter(([, value]) => value !== undefined);
  expect(Object.fromEntries(given)).toEqual({
    public: { host: '127.0.0.1', port: 8000 },
    api: { host: '127.0.0.1', port: 8001 },
    insecureNoToken: false,
    stateDir: '/home/ann/.local/state/signalbox',
    driver: 'nginx',
    managed: true,
    nginx: 'nginx',
    nginxUser: 'nobody',
    workerProcesses: 'auto',
    traefik: 'traefik',
    traefikUser: 'nobody',
    traefikTree: true,
    traefikPrefix: 'signalbox',
    traefikFileMode: '644',
    traefikEntryPoints: 'web',
    traefikTls: false,
    sslRequestCert: false,
    http2: true,
    apiSslRequestCert: false,
    hostRouting: false,
    xForward: true,
    prependPath: true,
    includePrefix: true,
    autoRewrite: false,
    changeOrigin: false,
    customHeader: [],
    keepAliveTimeout: 75_000,
    persist: true,
    databaseSchema: 'signalbox',
    databaseMigrate: true,
    ack: 'all',
    lease: 3_000,
    leaveTime: 5_000,
    insecure: false,
    applyTimeout: 10_000,
    pin: true,
    pinInterval: 10_000,
    pinMax: 1_000,
    maxDraining: 4,
    resolveInterval: 10_000,
    drainTimeout: 10_000,
    activity: true,
    activityProbeInterval: 10_000,
    accessLogSize: 64_000_000,
    activityLog: [],
    activityFormat: 'combined',
    logLevel: 'info',
    namespaceTokens: new Map(),
    logFormat: 'auto',
    certificates: new Map(),
  });
  expect(load({}).warnings).toEqual([]);
});

describe('the state folder', () => {
  it('of root is /var/lib/signalbox', () => {
    expect(load({ user: { uid: 0, home: '/root' } }).config.stateDir).toBe('/var/lib/signalbox');
  });

  it('of a user is in XDG_STATE_HOME, unless that is relative', () => {
    expect(load({ env: { XDG_STATE_HOME: '/xdg' } }).config.stateDir).toBe('/xdg/signalbox');
    expect(load({ env: { XDG_STATE_HOME: 'xdg' } }).config.stateDir).toBe('/home/ann/.local/state/signalbox');
  });

  it('must be set when the home folder has a name nginx would misread', () => {
    const user = { uid: 1, home: '/home/$x' };
    expect(problemsOf(() => load({ user })).join()).toMatch(/^state-dir: the default .* can't be used/);
    expect(load({ user, env: { SIGNALBOX_STATE_DIR: '/s' } }).config.stateDir).toBe('/s');
  });
});

describe('precedence', () => {
  const yaml = 'pin-max: 1\ndriver: traefik\nlog-level: warn\n';
  it('is flag, variable, file, default', () => {
    const { config } = loadYaml(yaml, {
      argv: ['--pin-max', '3'],
      env: { SIGNALBOX_PIN_MAX: '2', SIGNALBOX_DRIVER: 'nginx' },
    });
    expect([config.pinMax, config.driver, config.logLevel, config.logFormat]).toEqual([3, 'nginx', 'warn', 'auto']);
  });

  it('lets the last of two equal flags count', () => {
    expect(load({ argv: ['--pin-max', '3', '--no-pin', '--pin-max=4', '--pin'] }).config).toMatchObject({
      pin: true,
      pinMax: 4,
    });
  });

  it('does not hide a mistake in what is overridden', () => {
    expect(problemsOf(() => loadYaml('driver: caddy', { argv: ['--driver', 'nginx'] }))).toEqual([
      'signalbox.yaml:1:9: driver: found "caddy", want one of nginx, traefik',
    ]);
  });

  it('finds the file by --config, -c and SIGNALBOX_CONFIG, in this order', () => {
    const files = { a: 'pin-max: 1', b: 'pin-max: 2' };
    const pinMax = (argv: string[], env = {}) => load({ argv, env, files }).config.pinMax;
    expect(pinMax(['--config', 'a'])).toBe(1);
    expect(pinMax(['--config=a'])).toBe(1);
    expect(pinMax(['-cb'])).toBe(2);
    expect(pinMax([], { SIGNALBOX_CONFIG: 'b' })).toBe(2);
    expect(pinMax(['-c', 'a'], { SIGNALBOX_CONFIG: 'b' })).toBe(1);
  });
});
