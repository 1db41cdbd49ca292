// The chosen theme: kept in local storage, applied to <html data-theme>; public/theme.js applies it before the
// first paint with the same key.
import { useSyncExternalStore } from "react";

export type Theme = "dark" | "light";

const KEY = "tradewarden.theme";
const CHANGED = "tradewarden:theme";

export function currentTheme(): Theme {
  return document.documentElement.dataset["theme"] === "light" ? "light" : "dark";
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be blocked: the theme then lasts until the page is left.
  }
  window.dispatchEvent(new Event(CHANGED));
}

function subscribe(notify: () => void): () => void {
  window.addEventListener(CHANGED, notify);
  return () => window.removeEventListener(CHANGED, notify);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme);
}
