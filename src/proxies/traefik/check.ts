import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { templatesOf } from '../../render/template-files.ts';
import { Templates } from '../../render/templates.ts';
import { digestOf } from '../../rollout/digest.ts';
import { findProgram } from '../../system/find-program.ts';
import { attempt, type CheckResult } from '../attempt.ts';
import type { CheckLine } from '../offline-proxy.ts';
import { traefikCatalogue } from './catalogue.ts';
import { DynamicConfig } from './dynamic.ts';
import { planLaunch } from './launch.ts';
import { TRAEFIK_FILTERS } from './quote.ts';
import { Rehearsal } from './rehearsal.ts';
import { dynamicSettings, staticSettings } from './settings.ts';
import { renderStaticFile } from './static-file.ts';
import { checkSupported } from './supported.ts';
import { tlsRenderer, writePem } from './tls.ts';
import { readVersion, requireTraefik } from './version.ts';

/** Can Traefik do what is configured, is there a suitable one, and does it accept what would be rendered? */
export async function* checkTraefik(config: Config): AsyncGenerator<CheckLine> {
  yield await attempt('supported', async () => checkSettings(config));
  const program = await attempt('traefik', () => checkProgram(config));
  yield program;
  yield await attempt('rehearsal', () => checkRendered(config, program.result === 'ok'));
}

function checkSettings(config: Config): CheckResult {
  const warnings = checkSupported(config);
  if (warnings.length > 0) return { result: 'warning', message: warnings.join('; ') };
  return { result: 'ok', message: 'Traefik can do all that is set' };
}

async function checkProgram({ traefik, managed }: Config): Promise<CheckResult> {
  if (!managed) return { result: 'skipped', message: 'it belongs to someone else (--no-managed)' };
  const path = requireTraefik(traefik);
  return { result: 'ok', message: `${path}, ${(await readVersion(path))?.text ?? 'a version of its own'}` };
}

/** Another Traefik is started with it for a moment, on ports of its own. */
async function checkRendered(config: Config, canTry: boolean): Promise<CheckResult> {
  const traefik = findProgram(config.traefik);
  if (!canTry || traefik === undefined)
    return { result: 'skipped', message: 'there is no Traefik of ours to try it with' };
  const version = await readVersion(traefik);
  const templates = new Templates(templatesOf(traefikCatalogue, config.templates), TRAEFIK_FILTERS);
  const launch = planLaunch(config.traefikUser, []);
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-check-'));
  try {
    if (launch.user) {
      chmodSync(dir, 0o711);
      chownSync(dir, launch.user.uid, launch.user.gid);
    }
    const token = 'of-a-rehearsal-for-check';
    const folder = join(dir, 'pem');
    const pem = writePem(config, config.certificates, folder, launch.user);
    const dynamic = new DynamicConfig(templates, dynamicSettings(config, token, version, pem));
    // A key full of Traefik's special characters reveals a template that forgot to quote it.
    dynamic.replace([{ key: '/user/a"b`{{c}}', target: 'http://127.0.0.1:9', data: '{}' }]);
    const paths = { watched: dir, errorLog: join(dir, 'error.log'), accessLog: join(dir, 'access.log') };
    renderStaticFile(templates, staticSettings(config, config.public, 0, version, paths));
    const trial = { traefik, version, dir: join(dir, 'trial'), launch, config, templates: () => templates, token };
    const digest = digestOf([]);
    const tls = tlsRenderer(config, config.public.port, folder, pem)(templates, digest);
    await new Rehearsal(trial).rehearse({ digest, routes: dynamic.frame()(digest), tls, size: 1 });
    return { result: 'ok', message: 'Traefik takes the configuration' };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
