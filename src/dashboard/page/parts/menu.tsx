import { useEffect, useRef, useState } from 'preact/hooks';
import type { LoggedOut } from '../../page-api.ts';
import { useMe, useServices } from '../services.ts';
import { chooseTheme, storedTheme, THEMES, type Theme } from '../theme.ts';
import { Name } from './name.tsx';

const THEME_NAMES: Record<Theme, string> = { auto: 'As the system', light: 'Light', dark: 'Dark' };

/** Who looks, what they may do, how it looks, and the way out. */
export function Menu() {
  const me = useMe();
  const { api, messages } = useServices();
  const menu = useRef<HTMLDetailsElement>(null);
  const [theme, setTheme] = useState(storedTheme);
  useEffect(() => {
    const close = (event: Event) => {
      const { current } = menu;
      if (current?.open && !(event.target instanceof Node && current.contains(event.target))) current.open = false;
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('focusin', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('focusin', close);
    };
  }, []);
  const logOut = async () => {
    try {
      const { next } = await api.act<LoggedOut>('log-out');
      location.assign(next);
    } catch (error) {
      messages.say({ level: 'error', text: `Not signed out: ${error instanceof Error ? error.message : error}` });
    }
  };
  return (
    <details
      ref={menu}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !menu.current?.open) return;
        menu.current.open = false;
        menu.current.querySelector('summary')?.focus();
      }}
    >
      <summary>
        {me && me.name !== '' ? <Name text={me.name} /> : 'Menu'}
        {me && <span class="right">{me.mayOperate ? 'operate' : 'view only'}</span>}
      </summary>
      <div class="menu-body">
        <fieldset class="themes">
          <legend>Colours</legend>
          {THEMES.map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="theme"
                checked={theme === one}
                onChange={() => {
                  setTheme(one);
                  chooseTheme(one);
                }}
              />
              {THEME_NAMES[one]}
            </label>
          ))}
        </fieldset>
        {me?.hub && (
          <ul>
            <li>
              <a href={`${me.hub.url}home`}>The Hub</a>
            </li>
            <li>
              <a href={`${me.hub.url}admin`}>The Hub’s admin page</a>
            </li>
          </ul>
        )}
        {me && me.login !== 'none' && (
          <button type="button" class="button" onClick={logOut}>
            Log out
          </button>
        )}
      </div>
    </details>
  );
}
