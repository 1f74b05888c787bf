import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/problem.ts';
import { load, loadYaml, problemsOf } from './load-with.ts';

it('all mistakes of file, environment and flags are reported at once, each with its place', () => {
  const yaml = [
    '# a comment',
    'public: "8000"',
    'drievr: nginx',
    'pin-interval:   10',
    'api:',
    '  host: x',
    'driver: nginx',
    'driver: traefik',
  ].join('\n');
  const lines = problemsOf(() =>
    loadYaml(yaml, {
      argv: ['--state-dri=/x', '--managed=maybe', 'stray', '--log-level'],
      env: { SIGNALBOX_DRIVER: 'caddy', SIGNALBOX_PINMAX: '1', PATH: '/bin' },
    }),
  );
  expect(lines).toEqual([
    'signalbox.yaml:2:9: public: found "8000", want HOST:PORT such as 127.0.0.1:8000',
    'signalbox.yaml:3:1: "drievr" is no setting; did you mean driver?',
    'signalbox.yaml:4:17: pin-interval: found "10", want a number with a unit (ms, s, m or h) such as 500ms, 10s, 2m or 1h',
    'signalbox.yaml:6:3: api: found a mapping, want HOST:PORT such as 127.0.0.1:8000',
    'signalbox.yaml:8:1: driver: stands here again, first in line 7',
    'SIGNALBOX_DRIVER: found "caddy", want one of nginx, traefik',
    'SIGNALBOX_PINMAX: is no setting; did you mean SIGNALBOX_PIN_MAX?',
    '--state-dri: is no option; did you mean --state-dir?',
    '--managed: found "maybe", want true or false',
    'command line: "stray" belongs to no option',
    '--log-level: found nothing, want one of debug, info, warn, error, silent',
  ]);
});

it('the error is a SignalboxError with all lines in its message', () => {
  const attempt = () => load({ argv: ['--driver=x', '--pin-max=x'] });
  expect(attempt).toThrow(ConfigError);
  expect(attempt).toThrow(
    expect.objectContaining({
      code: 'BAD_CONFIG',
      message:
        'the configuration has 2 problems\n' +
        '  --driver: found "x", want one of nginx, traefik\n' +
        '  --pin-max: found "x", want a whole number from 1 to 10000',
    }),
  );
  expect(() => load({ argv: ['--driver=x'] })).toThrow(/^--driver: found/);
});

describe('a file', () => {
  it.each([
    [
      'public: *:8000',
      '1:9: public: found an alias (a value that begins with * needs quotes), want HOST:PORT such as 127.0.0.1:8000',
    ],
    ['driver:\n', '1:8: driver: found nothing, want one of nginx, traefik'],
    ['driver: [nginx]', '1:9: driver: found a list, want one of nginx, traefik'],
    ['- driver', '1:1: found a list, want lines such as "api: 127.0.0.1:8001"'],
    ['driver', '1:1: found a single value, want lines such as "api: 127.0.0.1:8001"'],
    ['pin: true\n---\npin: false', '2:1: found a second document, want one'],
    ['[a]: 1', '1:1: found a list where the name of a setting belongs'],
    ['\n  stateDir: /x', '2:3: "stateDir" is no setting; did you mean state-dir?'],
    ['state_dir: /x', '1:1: "state_dir" is no setting; did you mean state-dir?'],
    ['completely: other', '1:1: "completely" is no setting'],
    ['pin: yes', '1:6: pin: found "yes", want true or false'],
    ['pin-max: 0x10', '1:10: pin-max: found "0x10", want a whole number from 1 to 10000'],
  ])('%j is refused at the right place', (yaml, expected) => {
    expect(problemsOf(() => loadYaml(yaml))).toEqual([`signalbox.yaml:${expected}`]);
  });

  it('with a syntax error is reported with that and with the mistakes of other lines', () => {
    const lines = problemsOf(() => loadYaml('driver: caddy\npublic: [::]:80\n'));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('signalbox.yaml:1:9: driver');
    expect(lines[1]).toMatch(/^signalbox\.yaml:2:13: .*needs quotes$/);
  });

  it('may be empty, or hold comments only', () => {
    expect(loadYaml('').config.pin).toBe(true);
    expect(loadYaml('# nothing yet\n').config.pin).toBe(true);
  });

  it('takes plain and quoted values alike', () => {
    const { config } = loadYaml(
      'pin-max: "5"\npin: false\nworker-processes: 2\npublic: ":80"\nreload-command: "true"\n',
    );
    expect(config).toMatchObject({ pinMax: 5, pin: false, workerProcesses: '2', reloadCommand: 'true' });
    expect(config.public).toEqual({ host: '*', port: 80 });
  });

  it('that is not there is named with who asked for it', () => {
    expect(problemsOf(() => load({ argv: ['-c', 'x.yaml', '--driver=x'] }))).toEqual([
      '--config: "x.yaml" can\'t be read: there is no such file',
      '--driver: found "x", want one of nginx, traefik',
    ]);
    expect(problemsOf(() => load({ env: { SIGNALBOX_CONFIG: 'y' } })).join()).toMatch(/^SIGNALBOX_CONFIG: "y"/);
  });
});

describe('flags', () => {
  it.each([
    [['--public', '--pin'], '--public: found nothing, want HOST:PORT such as 127.0.0.1:8000'],
    [['-c'], '-c: found nothing, want the path of a YAML file'],
    [['--driver='], '--driver: found "", want one of nginx, traefik'],
    [['--no-driver'], '--no-driver: is no option; did you mean --driver?'],
    [['--no-pin=true'], '--no-pin: takes no value'],
    [['--managed', 'false'], '--managed: takes no word after it; write --managed or --no-managed'],
    [['-x'], '-x: is no option'],
    [['--', '--pin'], 'command line: "--pin" belongs to no option'],
  ])('%j are refused', (argv, expected) => {
    expect(problemsOf(() => load({ argv }))).toEqual([expected]);
  });

  it('set booleans with and without a value', () => {
    expect(load({ argv: ['--host-routing', '--no-managed', '--pin=false'] }).config).toMatchObject({
      hostRouting: true,
      managed: false,
      pin: false,
    });
  });

  it('keep an equals sign in the value', () => {
    expect(load({ argv: ['--default-target=http://a/?x=1'] }).config.defaultTarget).toBe('http://a/?x=1');
  });
});

it('variables that Kubernetes sets for a Service named signalbox are no mistakes', () => {
  const env = {
    SIGNALBOX_SERVICE_HOST: '10.0.0.1',
    SIGNALBOX_SERVICE_PORT: '8001',
    SIGNALBOX_SERVICE_PORT_API: '8001',
    SIGNALBOX_PORT: 'tcp://10.0.0.1:8001',
    SIGNALBOX_API_PORT_8001_TCP_ADDR: '10.0.0.1',
  };
  expect(load({ env }).config.api.port).toBe(8001);
  expect(problemsOf(() => load({ env: { SIGNALBOX_PORT: '80' } })).join()).toMatch(/^SIGNALBOX_PORT: is no setting/);
});
