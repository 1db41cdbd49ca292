// The market clock as the browser knows it: the last time the server told, carried on at the told speed. Used
// for display only (clock, relative times); nothing that decides reads it.
import { useSyncExternalStore } from "react";

interface Reading {
  marketAt: number;
  wallAt: number;
  speed: number;
}

const TICK_MS = 1_000;

let reading: Reading | null = null;
let shown = new Date();
let timer: ReturnType<typeof setInterval> | null = null;
const listeners = new Set<() => void>();

function refresh(): void {
  shown = marketNow();
  for (const listener of listeners) listener();
}

/** Sets the clock from a server answer; a speed of 0 means that the market stands still. */
export function setMarketClock(marketAt: Date, speed: number): void {
  reading = { marketAt: marketAt.getTime(), wallAt: Date.now(), speed };
  refresh();
}

/** The market's present moment; wall time until the server has told. */
export function marketNow(): Date {
  if (!reading) return new Date();
  return new Date(reading.marketAt + (Date.now() - reading.wallAt) * reading.speed);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(refresh, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** The market's present moment, re-rendered once a second. */
export function useMarketNow(): Date {
  return useSyncExternalStore(subscribe, () => shown);
}
