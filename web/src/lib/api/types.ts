// Short names for the read models of the generated contract; nothing is declared here that the server did not.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Action = Schemas["Action"];
export type ActAnswer = Schemas["ActAnswer"];
export type ApprovalAnswer = Schemas["ApprovalAnswer"];
export type ApprovalOffer = Schemas["ApprovalOffer"];
export type Check = Schemas["CheckView"];
export type CloseAnswer = Schemas["CloseAnswer"];
export type Condition = Schemas["ConditionView"];
export type Confidence = Schemas["ConfidenceView"];
export type DeskStatus = Schemas["DeskStatus"];
export type Fill = Schemas["FillView"];
export type HistoryDetail = Schemas["HistoryDetail"];
export type HistoryRow = Schemas["HistoryRow"];
export type Idea = Schemas["IdeaView"];
export type Indicator = Schemas["IndicatorView"];
export type LostPosition = Schemas["LostPosition"];
export type Limit = Schemas["LimitView"];
export type Limits = Schemas["LimitsView"];
export type OrderEvent = Schemas["OrderEventView"];
export type OrderOutcome = Schemas["OrderOutcome"];
export type Position = Schemas["PositionView"];
export type Quote = Schemas["QuoteView"];
export type Replay = Schemas["ReplayView"];
export type Session = Schemas["Session"];
export type Sizing = Schemas["SizingView"];
export type Strategy = Schemas["StrategySummary"];
export type SymbolList = Schemas["SymbolList"];
export type SymbolRow = Schemas["SymbolView"];
export type Timeframe = Schemas["Timeframe"];

/** The client gives rows as plain arrays: [opened at in epoch seconds, open, high, low, close, volume, spread]. */
export type BarRow = readonly number[];

export interface Bars extends Omit<Schemas["BarsView"], "bars" | "forming"> {
  bars: readonly BarRow[];
  forming: BarRow | null;
}

export interface DecisionStory extends Omit<Schemas["DecisionStory"], "bars"> {
  bars: readonly Bars[];
}
