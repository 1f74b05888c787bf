import { render } from 'preact';
import { Api } from './api.ts';
import { App } from './app.tsx';
import { Messages } from './messages.ts';
import { Poller } from './poll.ts';
import { reloadOnce, restorePlace, SIGNED_OUT, takePageToken } from './session.ts';
import { applyTheme, storedTheme } from './theme.ts';

applyTheme(storedTheme());
restorePlace();
const api = new Api({
  token: takePageToken(),
  onSignedOut: () => {
    poller.stop();
    if (!reloadOnce()) window.dispatchEvent(new Event(SIGNED_OUT));
  },
});
const poller = new Poller({
  get: (path, signal) => api.get(path, signal),
  isVisible: () => document.visibilityState === 'visible',
});
document.addEventListener('visibilitychange', () => poller.refresh());
window.addEventListener('online', () => poller.refresh());

const root = document.getElementById('app');
if (root) render(<App services={{ api, poller, messages: new Messages() }} />, root);
