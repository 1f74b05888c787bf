import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { SignalboxError } from '../../errors.ts';
import { findProgram } from '../../system/find-program.ts';
import { attempt, type CheckResult } from '../attempt.ts';
import type { CheckLine } from '../offline-proxy.ts';
import { writeCopies } from '../pem-copies.ts';
import { writeAuthorities } from './authorities.ts';
import { offlineRendering, offlineShape } from './offline-rendering.ts';
import { nginxPem } from './pem.ts';
import { nginxPaths } from './settings.ts';
import { testConfig } from './test-config.ts';
import { buildText, checkVersion, readVersion, requireNginx } from './version.ts';
import { workerUser } from './worker-user.ts';

/** Is there a suitable nginx, can its workers reach the state folder, and does it accept what would be rendered? */
export async function* checkNginx(config: Config): AsyncGenerator<CheckLine> {
  const program = await attempt('nginx', () => checkProgram(config));
  yield program;
  yield await attempt('nginx user', () => checkUser(config));
  yield await attempt('nginx -t', () => checkRendered(config, program.result === 'ok'));
}

async function checkProgram({ nginx, managed }: Config): Promise<CheckResult> {
  if (!managed && findProgram(nginx) === undefined)
    return { result: 'skipped', message: 'there is none here; it belongs to someone else (--no-managed)' };
  const path = requireNginx(nginx);
  checkVersion(path, await readVersion(path));
  return { result: 'ok', message: `${path}, ${(await buildText(path)).trim().split('\n', 1)[0]}` };
}

async function checkUser({ managed, nginxUser, stateDir }: Config): Promise<CheckResult> {
  const user = managed ? workerUser(nginxUser) : undefined;
  if (!user) return { result: 'skipped', message: 'workers run as whoever starts nginx' };
  user.checkReach(nginxPaths(stateDir).runDir);
  return { result: 'ok', message: `workers run as ${user.directive}` };
}

/** In its own folder, on its own sockets: touches nothing that runs, and opens no port except those of snippets. */
async function checkRendered(config: Config, canTest: boolean): Promise<CheckResult> {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-check-'));
  try {
    const { nginx, paths, rendering } = await offlineRendering({ ...config, stateDir: dir }, (settings) => ({
      ...settings,
      listen: [`unix:${dir}/public.sock`],
      tcp: false,
      redirect: settings.redirect && { ...settings.redirect, listen: [`unix:${dir}/redirect.sock`] },
    }));
    // Keys full of nginx's special characters reveal a template that forgot to quote them. The one with an empty segment fits no path.
    const odd = ['/user/a"b;{$x} c', '/user//a"b;{$x} c'].map((key) => [key, 'http/127.0.0.1:9'] as const);
    const shape = await offlineShape(config, new Map(odd));
    const rendered = rendering.configOf(shape, ['http/127.0.0.1:9']);
    if (!canTest || nginx === undefined)
      return { result: 'skipped', message: 'rendered, and there is no nginx to test it' };
    const folder = join(paths.dir, `conf-${rendered.digest}`);
    for (const made of [folder, paths.tempDir, join(paths.dir, 'control')]) mkdirSync(made, { recursive: true });
    for (const [name, text] of Object.entries(rendered.files)) writeFileSync(join(folder, name), text);
    writeCopies(nginxPem(config, config.certificates), paths.pemDir);
    writeAuthorities(paths);
    if (config.sslKeyPassphrase !== undefined)
      writeFileSync(paths.passwordFile, `${config.sslKeyPassphrase}\n`, { mode: 0o600 });
    const refused = await testConfig(nginx, paths.dir, join(folder, 'nginx.conf'));
    if (refused === undefined) return { result: 'ok', message: 'nginx takes the configuration' };
    const error = new SignalboxError('PROXY_REFUSED_CONFIG', `nginx refuses the configuration: ${refused}`);
    const blamed = rendering.blame(error, shape, ['http/127.0.0.1:9']);
    if (blamed !== error) throw blamed;
    // The folder is gone by the time that anybody reads it.
    const message = error.message.replaceAll(`${folder}/`, '');
    throw new SignalboxError('PROXY_REFUSED_CONFIG', message, {
      hint: 'signalbox render shows the file that it means.',
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
