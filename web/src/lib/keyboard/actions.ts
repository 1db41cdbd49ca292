// One registry of everything a person can do now: it feeds the keyboard, the palette and the `?` sheet, so the
// three can never disagree. Components register actions while they are mounted.
import { useEffect, useRef, useSyncExternalStore } from "react";

export interface Action {
  id: string;
  label: string;
  group: string;
  /** One key as `KeyboardEvent.key` gives it, or "Mod+k"; none for palette-only actions. */
  shortcut?: string;
  /** Extra words the palette finds it by. */
  keywords?: string;
  run: () => void;
}

let actions: readonly Action[] = [];
const listeners = new Set<() => void>();

function publish(next: readonly Action[]): void {
  actions = next;
  for (const listener of listeners) listener();
}

export function register(action: Action): () => void {
  publish([...actions.filter((other) => other.id !== action.id), action]);
  return () => publish(actions.filter((other) => other !== action));
}

export function registeredActions(): readonly Action[] {
  return actions;
}

/** Offers an action while the component is mounted and `enabled` holds. */
export function useAction(action: Action, enabled = true): void {
  const run = useRef(action.run);
  useEffect(() => {
    run.current = action.run;
  });
  const { id, label, group, shortcut, keywords } = action;
  useEffect(() => {
    if (!enabled) return;
    return register({
      id,
      label,
      group,
      ...(shortcut === undefined ? {} : { shortcut }),
      ...(keywords === undefined ? {} : { keywords }),
      run: () => run.current(),
    });
  }, [id, label, group, shortcut, keywords, enabled]);
}

export function useActions(): readonly Action[] {
  return useSyncExternalStore(
    (notify) => {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    () => actions,
  );
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

function isOnControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, [role='option'], [role='menuitem'], [role='tab']") !== null;
}

/** Finds the action of a key press. Single keys are dead while typing or while a sheet is open; halt is not. */
export function actionForKey(event: KeyboardEvent): Action | undefined {
  const isModified = event.ctrlKey || event.metaKey;
  if (event.altKey || event.defaultPrevented) return undefined;
  const wanted = isModified ? `Mod+${event.key.toLowerCase()}` : event.key;
  const action = actions.findLast((candidate) => candidate.shortcut === wanted);
  if (!action || isModified) return action;
  if (isTyping(event.target)) return undefined;
  if (event.key === "Enter" && isOnControl(event.target)) return undefined;
  const sheetIsOpen = document.querySelector("[data-sheet]") !== null;
  return sheetIsOpen && action.id !== "desk.halt" ? undefined : action;
}

/** Listens to the keyboard for the whole page; mounted once by the app. */
export function useKeyboard(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.repeat && event.key !== "j" && event.key !== "k") return;
      const action = actionForKey(event);
      if (!action) return;
      event.preventDefault();
      action.run();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
