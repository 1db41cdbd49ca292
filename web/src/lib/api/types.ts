export interface Session { name: string; expires_at: string }
export interface Halt { code: string; message: string; since: string; actor: string; seq: number | null; can_resume: boolean; resume_blocked_reason: string | null }
export interface DeskStatus {
  mode: "supervised" | "autonomous";
  ai_trading_enabled: boolean;
  market: { simulated: boolean; speed: number; state: "running" | "paused" | "ended"; market_at: string; broker_offset_minutes: number };
  account: { currency: string; balance: string; equity: string; margin_level: string | null; as_of: string } | null;
  day: { profit: string; profit_fraction: string; loss_limit: string | null; loss_used: string; budget_free_fraction: string | null } | null;
  halt: Halt | null;
  waiting: number;
  connections: { name: string; ok: boolean; since: string; message: string }[];
  engine_version: string;
}
export interface MarketSymbol { symbol: string; description: string; digits: number; point: string; volume_min: string; volume_step: string; volume_max: string; timeframes: string[]; bid: string | null; ask: string | null; spread_points: string | null; median_spread_points: string | null; quote_at: string | null }
export interface Bar { start_at: string; open: string; high: string; low: string; close: string; volume: string }
export interface BarsAnswer { symbol: string; timeframe: string; digits: number; as_of: string; bars: Bar[]; forming: Bar | null }
export interface Check { code: string; passed: boolean; observed: string | null; limit: string | null; on_fail: string }
export interface Confidence { score: number; threshold: number | null; parts: { code: string; score: number; maximum: number }[]; contributions: { part: string; code: string; words: string; points: number }[] }
export interface Money { currency: string; risk: string; risk_fraction: string; reward: string; margin: string }
export interface Idea {
  id: string; digest: string; symbol: string; direction: "buy" | "sell"; entry_price: string; stop_loss: string; take_profits: { price: string; rr: string; fraction: string }[];
  rr: string; lots: string; volume_min: string; volume_step: string; expires_at: string; expires_in_seconds: number; confidence: Confidence; rationale: string; checks: Check[];
  money: Money; strategy: { id: string; name: string; version: number }; status: string; created_at: string; seq: number;
}
export interface Preview { lots: string; money: Money; checks: Check[]; can_approve: boolean }
export interface IdeaOutcome { idea_id: string; status: string; seq: number; message: string }
export interface Position { ticket: number; symbol: string; side: "buy" | "sell"; lots: string; open_price: string; current_price: string; stop_loss: string | null; take_profit: string | null; profit: string; profit_r: string | null; risk_money: string | null; opened_at: string; seq: number | null; strategy_name: string | null }
export interface Fill { at: string; symbol: string; side: "buy" | "sell"; lots: string; price: string; kind: "open" | "close"; seq: number | null }
export interface HistoryRow { seq: number; occurred_at: string; symbol: string | null; action: string; words: string; confidence_score: number | null; strategy_name: string | null; actor: string; idea_id: string | null; has_replay: boolean }
export interface Operand { text: string; value: string | null; previous: string | null }
export interface Condition { section: "entry" | "exit" | "strong" | "weak"; text: string; holds: boolean; operands: Operand[] }
export interface IndicatorReading { name: string; kind: string; period: number; unit: string; bars_used: number; minimum_window: number; value: string | null; previous: string | null }
export interface Replay { identical: boolean; recorded_digest: string; recomputed_digest: string; differences: { stage: string; field: string; recorded: string; recomputed: string }[]; milliseconds: number; engine_version: string }
export interface HistoryEntry extends HistoryRow { prev_hash: string; entry_hash: string; rationale: string; related: { seq: number; action: string; occurred_at: string }[]; payload: unknown }
export interface DecisionStory {
  seq: number; as_of: string; symbol: string; timeframe: string;
  bars: Bar[]; quote: { bid: string; ask: string; spread_points: string; at: string } | null;
  instrument: { name: string; value: string }[];
  account: { name: string; value: string }[];
  indicators: IndicatorReading[];
  conditions: Condition[];
  confidence: Confidence | null;
  levels: { name: string; price: string; rule: string }[];
  checks: Check[]; outcome: string; lots: string | null;
  sizing: { name: string; value: string }[];
  order: { request: unknown; reply: unknown; status: string } | null;
  fills: Fill[];
}
export interface StrategyRow { id: string; name: string; description: string; version: number; is_active: boolean; symbols: string[]; timeframe: string; side: string; digest: string; published_at: string }
