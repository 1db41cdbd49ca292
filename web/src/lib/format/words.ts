// Codes of the history and of the confidence model in words; the gate sends its own words. A
// code without an entry is shown as readable text made from itself, so that no cell is ever empty.
import type { Action } from "@/lib/api/types";

const ACTIONS: Record<Action, string> = {
  ai_proposed: "Proposed",
  ai_auto_executed: "Executed automatically",
  human_approved: "Approved",
  human_rejected: "Rejected by a person",
  risk_rejected: "Denied by the gate",
  ai_halted: "Trading halted",
  ai_resumed: "Trading resumed",
  idea_expired: "Expired",
  order_submitted: "Order sent",
  order_accepted: "Order filled",
  order_rejected: "Rejected by the broker",
  order_unknown: "Outcome unknown",
  order_reconciled: "Reconciled",
  position_managed: "Position managed",
  position_closed: "Position closed",
  manual_order: "Manual order",
  drift_detected: "Drift detected",
  emergency_flat: "Flattened",
  settings_changed: "Settings changed",
  strategy_published: "Strategy published",
  imported: "Imported",
  admin_note: "Note",
};

const PARTS: Record<string, string> = {
  strategy: "Strategy match",
  market: "Market risk",
  account: "Account comfort",
  clamp: "Clamped",
};

/** Readable text from a code: MAX_PER_SYMBOL becomes "Max per symbol". */
export function humanise(code: string): string {
  const text = code.replace(/[_-]+/g, " ").trim().toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const HISTORY_ACTIONS = Object.keys(ACTIONS) as Action[];
export const isAction = (text: string | undefined): text is Action => text !== undefined && text in ACTIONS;
export const actionWords = (action: Action): string => ACTIONS[action];
export const partWords = (code: string): string => PARTS[code] ?? humanise(code);

/** The sentence with a capital letter; the server's words start small. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
