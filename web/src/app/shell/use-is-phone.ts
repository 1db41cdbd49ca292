import { useSyncExternalStore } from "react";

const PHONE = "(max-width: 767px)";

function subscribe(notify: () => void): () => void {
  const query = window.matchMedia(PHONE);
  query.addEventListener("change", notify);
  return () => query.removeEventListener("change", notify);
}

/** Whether the page is as narrow as a phone: then only status, waiting ideas, positions, halt and close exist. */
export function useIsPhone(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(PHONE).matches);
}
