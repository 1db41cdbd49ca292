// Codes of the gate, the history and the confidence model in words. A code without an entry is shown as
// readable text made from itself, so that a newer server never shows an empty cell.

const ACTIONS: Record<string, string> = {
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

const CHECKS: Record<string, string> = {
  RECORD_UNAVAILABLE: "The record can be written",
  ACCOUNT_UNAVAILABLE: "The account answers",
  STALE_SNAPSHOT: "Market data is complete and fresh",
  STALE_QUOTE: "The quote is fresh",
  MARKET_CLOSED: "The market is open",
  TRADING_DISABLED: "Trading is switched on",
  DAILY_LOSS_REACHED: "Daily loss is within its limit",
  MAX_DRAWDOWN_REACHED: "Drawdown is within its limit",
  DAILY_TARGET_REACHED: "The daily target is not reached yet",
  STRATEGY_INACTIVE: "The strategy is active",
  SYMBOL_NOT_ALLOWED: "The strategy may trade this symbol",
  OFF_WATCHLIST: "The symbol is on the watchlist",
  OUTSIDE_SESSION: "Inside a trading session",
  NEWS_EMBARGO: "No news embargo",
  SPREAD_TOO_WIDE: "The spread is normal",
  INVALID_LEVELS: "Entry, stop and target are in order",
  RR_TOO_LOW: "Reward is worth the risk",
  LOT_BELOW_MINIMUM: "Lots reach the broker's minimum",
  LOT_ABOVE_MAXIMUM: "Lots stay under the maximum",
  RISK_PER_TRADE: "Risk of this trade is within its limit",
  MAX_CONCURRENT_TRADES: "Room for another open trade",
  MAX_PER_SYMBOL: "Room for another trade in this symbol",
  MARGIN_LEVEL: "Margin level stays safe",
  DUPLICATE_IDEA: "Not a repeat of an open idea",
  CONFIDENCE_BELOW_THRESHOLD: "Confidence reaches the threshold",
  SUPERVISED_MODE: "Nobody has to approve",
};

const PARTS: Record<string, string> = {
  strategy_match: "Strategy match",
  market_risk: "Market risk",
  account_comfort: "Account comfort",
};

/** Readable text from a code: MAX_PER_SYMBOL becomes "Max per symbol". */
export function humanise(code: string): string {
  const text = code.replace(/[_-]+/g, " ").trim().toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const actionWords = (action: string): string => ACTIONS[action] ?? humanise(action);
export const checkWords = (code: string): string => CHECKS[code] ?? humanise(code);
export const partWords = (code: string): string => PARTS[code] ?? humanise(code);
export const HISTORY_ACTIONS = Object.keys(ACTIONS);
