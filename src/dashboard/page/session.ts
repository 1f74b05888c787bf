/** Told once there is no session any more. */
export const SIGNED_OUT = 'signalbox-signed-out';

const RELOADED = 'signalbox-reloaded';
const PLACE = 'signalbox-place';

/** The page's token, which a navigation got. Other scripts are not to find it in the document. */
export function takePageToken(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="signalbox-page"]');
  const token = meta?.content ?? '';
  meta?.remove();
  return token;
}

/** Has the server begin a new session, once: a server that never does is not to be asked for ever. */
export function reloadOnce(): boolean {
  try {
    if (sessionStorage.getItem(RELOADED)) return false;
    sessionStorage.setItem(RELOADED, 'yes');
    sessionStorage.setItem(PLACE, location.hash);
  } catch {
    // Without storage nobody could tell whether it was done.
    return false;
  }
  location.reload();
  return true;
}

/** Goes back to where one was before signing in anew: the form of a Hub loses the fragment of the URL. */
export function restorePlace(): void {
  try {
    const place = sessionStorage.getItem(PLACE);
    sessionStorage.removeItem(PLACE);
    if (place?.startsWith('#') && location.hash === '') history.replaceState(null, '', place);
  } catch {
    // Then nothing was stored.
  }
}

/** There is a session: the next time that it ends, the page is loaded anew again. */
export function forgetReload(): void {
  try {
    sessionStorage.removeItem(RELOADED);
  } catch {
    // Then nothing was stored.
  }
}
