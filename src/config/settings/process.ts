import { oneOf, optional, withComputedDefault, withDefault } from '../setting.ts';

/** What Signalbox keeps, and what it says. */
export const processSettings = {
  'state-dir': withComputedDefault(
    'path',
    '/var/lib/signalbox for root, else $XDG_STATE_HOME/signalbox or ~/.local/state/signalbox',
    "Folder of the route table, the proxy's configuration and its logs.",
    { inNginxConfig: true },
  ),
  persist: withDefault('boolean', 'true', 'Keep the routes in SQLite; with --no-persist a restart begins without any.'),
  'pid-file': optional('path', 'File for the pid of Signalbox itself; removed at the end.'),
  'log-level': oneOf(['debug', 'info', 'warn', 'error', 'silent'], 'info', 'Least severity that is logged.'),
  'log-format': oneOf(['pretty', 'json', 'auto'], 'auto', 'auto is pretty on a terminal, else json.'),
};
