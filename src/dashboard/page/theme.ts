export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'signalbox-theme';
/** Told to whoever paints by itself, as charts do. */
const THEME_CHANGED = 'signalbox-theme';

export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === stored) ?? 'auto';
  } catch {
    return 'auto';
  }
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  window.dispatchEvent(new Event(THEME_CHANGED));
}

export function chooseTheme(theme: Theme): void {
  applyTheme(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds until the page is left.
  }
}

const QUERIES = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'];

/** Calls back whenever colours may have changed. */
export function onColours(changed: () => void): () => void {
  const lists = QUERIES.map((query) => matchMedia(query));
  window.addEventListener(THEME_CHANGED, changed);
  for (const list of lists) list.addEventListener('change', changed);
  return () => {
    window.removeEventListener(THEME_CHANGED, changed);
    for (const list of lists) list.removeEventListener('change', changed);
  };
}
