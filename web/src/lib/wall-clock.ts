// Wall time for countdowns and ages, re-rendered twice a second by one shared timer.
import { useSyncExternalStore } from "react";

const TICK_MS = 500;

let shown = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;
const listeners = new Set<() => void>();

function tick(): void {
  shown = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null) {
    shown = Date.now();
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** Milliseconds since the epoch, at most half a second old. */
export function useWallNow(): number {
  return useSyncExternalStore(subscribe, () => shown);
}
