import { createLog, type LogOptions } from '../observe/log.ts';
import { Signals, STOPS } from '../system/signals.ts';
import { VERSION } from '../version.ts';
import { buildApp } from './app.ts';
import { Daemon } from './daemon.ts';
import { openPage } from './document.ts';
import type { Hub } from './hub/hub-api.ts';
import { listen } from './listen.ts';
import type { FormContext } from './login/form.ts';
import { headerLogin } from './login/header.ts';
import type { Login } from './login/login.ts';
import { noLogin } from './login/none.ts';
import { passwordLogin } from './login/password.ts';
import { tokenLogin } from './login/token.ts';
import { isHttps } from './origin.ts';
import { MemorySessions } from './sessions.ts';
import { type DashboardOptions, type LoginChoice, readSettings } from './settings.ts';

/** How long running requests may take once it stops: a Hub that stops waits for it. */
const GRACE_MS = 200;

/** Runs `signalbox dashboard` until a signal ends it; resolves to the exit code. */
export async function runDashboard(
  options: DashboardOptions,
  env: NodeJS.ProcessEnv,
  logOptions: LogOptions,
): Promise<number> {
  const signals = new Signals(...STOPS);
  const log = createLog(logOptions);
  const hub = await findHub(options, env, log);
  const { daemon: access, place, login: choice, warnings } = readSettings(options, env, hub?.place);
  for (const warning of warnings) log.warn(warning);
  const page = await openPage();
  const daemon = new Daemon({ ...access, log });
  try {
    const app = buildApp({
      ...{ daemon, page, log, hub, version: VERSION },
      login: hub?.login ?? createLogin(choice, { prefix: place.prefix, publicUrl: place.publicUrl, log }),
      sessions: new MemorySessions({ path: place.cookiePath, isSecure: (request) => isHttps(request, place.isHttps) }),
      ...{ prefix: place.prefix, publicUrl: place.publicUrl, hosts: place.hosts, isBehindProxy: place.isBehindProxy },
      isOwnRoute: place.isBehindProxy,
    });
    // Before the daemon is asked anything: a Hub waits 10 s for an answer, and ends itself without one.
    const listener = await listen(app, place);
    log.info(
      { listen: listener.where, prefix: place.prefix, login: choice.kind, api: access.url },
      'dashboard listens',
    );
    const signal = await signals.next();
    log.info({ signal }, 'stopping');
    await listener.close(GRACE_MS);
  } finally {
    daemon.close();
    page.remove();
  }
  return 0;
}

/** Where nobody says how to sign in, and a Hub says that this is its service. */
async function findHub(
  { login, 'hub-url': hubUrl }: DashboardOptions,
  env: NodeJS.ProcessEnv,
  log: ReturnType<typeof createLog>,
): Promise<Hub | undefined> {
  if (login !== undefined || !(hubUrl || env.JUPYTERHUB_API_URL)) return undefined;
  const { createHub } = await import('./hub/create.ts');
  return createHub(env, { log, hubUrl });
}

function createLogin(choice: LoginChoice, context: FormContext): Login {
  switch (choice.kind) {
    case 'token':
      return tokenLogin(choice.tokens, context);
    case 'password':
      return passwordLogin(choice.file, context);
    case 'header':
      return headerLogin({ ...choice, prefix: context.prefix });
    default:
      return noLogin(context.prefix);
  }
}
