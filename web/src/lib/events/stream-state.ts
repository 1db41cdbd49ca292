// The state of the page's one event stream, readable by any component.
import { useSyncExternalStore } from "react";
import type { StreamState } from "./event-stream";

let state: StreamState = "connecting";
const listeners = new Set<() => void>();

export function setStreamState(next: StreamState): void {
  state = next;
  for (const listener of listeners) listener();
}

export function useStreamState(): StreamState {
  return useSyncExternalStore(
    (notify) => {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    () => state,
  );
}
