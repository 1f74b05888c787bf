import type { CheckId } from './catalogue.ts';
import type { Check } from './check.ts';
import { accessLog } from './checks/access-log.ts';
import { advertise } from './checks/advertise.ts';
import { api } from './checks/api.ts';
import { clock } from './checks/clock.ts';
import { configuration } from './checks/configuration.ts';
import { controlSocket } from './checks/control-socket.ts';
import { database } from './checks/database.ts';
import { databaseClock } from './checks/database-clock.ts';
import { databaseListen } from './checks/database-listen.ts';
import { databaseNotify } from './checks/database-notify.ts';
import { databaseSchema } from './checks/database-schema.ts';
import { databaseTls } from './checks/database-tls.ts';
import { disk } from './checks/disk.ts';
import { encodedCharacters } from './checks/encoded-characters.ts';
import { exposed } from './checks/exposed.ts';
import { otherLogs } from './checks/other-logs.ts';
import { pace } from './checks/pace.ts';
import { pcreJit } from './checks/pcre-jit.ts';
import { pidFile } from './checks/pid-file.ts';
import { proxyVersion } from './checks/proxy-version.ts';
import { ready } from './checks/ready.ts';
import { reload } from './checks/reload.ts';
import { replicas } from './checks/replicas.ts';
import { samePath } from './checks/same-path.ts';
import { sockets } from './checks/sockets.ts';
import { stateFolder } from './checks/state-folder.ts';
import { templates } from './checks/templates.ts';
import { token } from './checks/token.ts';
import { traefikFolder } from './checks/traefik-folder.ts';
import { workers } from './checks/workers.ts';

/** All checks, from what everything else needs to what is particular. */
export const CHECKS: Readonly<Record<CheckId, Check>> = {
  configuration,
  api,
  ready,
  'state-folder': stateFolder,
  disk,
  'proxy-version': proxyVersion,
  'same-path': samePath,
  include: controlSocket,
  'traefik-folder': traefikFolder,
  workers,
  'pid-file': pidFile,
  reload,
  'pcre-jit': pcreJit,
  pace,
  'encoded-characters': encodedCharacters,
  templates,
  'access-log': accessLog,
  'other-logs': otherLogs,
  sockets,
  database,
  'database-schema': databaseSchema,
  'database-tls': databaseTls,
  'database-listen': databaseListen,
  'database-notify': databaseNotify,
  'database-clock': databaseClock,
  replicas,
  advertise,
  clock,
  'api-exposed': exposed,
  token,
};
