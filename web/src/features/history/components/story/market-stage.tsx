// What the desk saw: closed bars up to that moment, the quote it could execute at, the contract, the account.
import { useMemo, useState } from "react";
import { Box, Facts, Stage, type Fact } from "./stage";
import { toChartBars } from "@/components/charts/bars";
import { CandleChart, type ChartLine } from "@/components/charts/candle-chart";
import { Segmented } from "@/components/ui/segmented";
import type { Bars, DecisionStory } from "@/lib/api/types";
import { formatDecimal, formatMoney, formatPrice, formatShort } from "@/lib/format/number";
import { formatClock, formatExact } from "@/lib/format/time";
import { humanise } from "@/lib/format/words";

function linesOf(story: DecisionStory): ChartLine[] {
  const { idea } = story;
  if (!idea) return [];
  return [
    { id: "entry", price: idea.entry, title: "entry", kind: "entry" },
    { id: "stop", price: idea.stop_loss, title: "SL", kind: "stop" },
    ...idea.take_profits.map(({ price }, index): ChartLine => ({ id: `target-${index}`, price, title: idea.take_profits.length > 1 ? `TP${index + 1}` : "TP", kind: "target" })),
  ];
}

function quoteFacts(story: DecisionStory): Fact[] {
  const { quote, market, instrument } = story;
  if (!quote) return [{ name: "Quote", value: <span className="text-needs">none</span> }];
  const median = market?.spread_median_points;
  return [
    { name: "Bid", value: formatPrice(quote.bid, instrument.digits) },
    { name: "Ask", value: formatPrice(quote.ask, instrument.digits) },
    { name: "Spread", value: `${formatShort(quote.spread_points)} pt${median == null ? "" : ` (median ${formatShort(median)})`}` },
    { name: "Quote at", value: <time dateTime={quote.at} title={formatExact(new Date(quote.at))}>{formatClock(new Date(quote.at))} UTC</time> },
    ...(market?.atr == null ? [] : [{ name: "ATR", value: `${formatShort(market.atr, instrument.digits)}${market.atr_percentile === null ? "" : ` (percentile ${formatShort(market.atr_percentile, 0)})`}` }]),
  ];
}

function contractFacts({ instrument }: DecisionStory): Fact[] {
  return [
    { name: "Contract size", value: formatDecimal(instrument.contract_size) },
    { name: "Tick size", value: formatDecimal(instrument.tick_size) },
    { name: "Tick value, loss side", value: formatShort(instrument.tick_value_loss, 5) },
    { name: "Lots", value: `${formatDecimal(instrument.volume_min)}–${formatDecimal(instrument.volume_max)}, step ${formatDecimal(instrument.volume_step)}` },
    { name: "Stops level", value: `${instrument.stops_level} pt` },
  ];
}

function deskFacts({ account, desk }: DecisionStory): Fact[] {
  const own: Fact[] = [
    { name: "Mode", value: humanise(desk.mode) },
    { name: "Trading", value: desk.ai_trading_enabled ? "on" : <span className="text-needs">off</span> },
    { name: "Own positions", value: desk.own_positions },
    { name: "Unfinished orders", value: desk.unfinished_intents },
    { name: "Policy version", value: desk.policy_version },
  ];
  if (!account) return [{ name: "Account", value: <span className="text-needs">not available</span> }, ...own];
  return [
    { name: `Equity, ${account.currency}`, value: formatMoney(account.equity) },
    { name: `Balance, ${account.currency}`, value: formatMoney(account.balance) },
    { name: `Margin used, ${account.currency}`, value: formatMoney(account.margin) },
    { name: "Open positions", value: account.open_positions },
    { name: `Day reference, ${account.currency}`, value: formatMoney(desk.day_reference) },
    ...own,
  ];
}

export function MarketStage({ story, number }: { story: DecisionStory; number: number }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = story.bars.find((bars) => bars.timeframe === chosen) ?? story.bars[0];
  const lines = useMemo(() => linesOf(story), [story]);
  return (
    <Stage number={number} title="What the desk saw" note={`as of ${formatExact(new Date(story.as_of))}`}>
      <Box>
        {shown && (
          <div className="border-b border-line">
            {story.bars.length > 1 && (
              <div className="border-b border-line px-3 py-1">
                <Segmented label="Timeframe" value={shown.timeframe} options={story.bars.map(({ timeframe }) => ({ value: timeframe, label: timeframe }))} onChange={setChosen} />
              </div>
            )}
            <SeenBars bars={shown} lines={lines} seq={story.seq} />
          </div>
        )}
        <Facts rows={[...quoteFacts(story), ...contractFacts(story)]} />
        <div className="border-t border-line">
          <Facts rows={deskFacts(story)} />
        </div>
      </Box>
    </Stage>
  );
}

function SeenBars({ bars, lines, seq }: { bars: Bars; lines: readonly ChartLine[]; seq: number }) {
  const candles = useMemo(() => toChartBars(bars.bars), [bars]);
  return (
    <div className="relative h-72">
      <CandleChart bars={candles} digits={bars.digits} lines={lines} viewKey={`${seq} ${bars.timeframe}`} label={`${bars.symbol} ${bars.timeframe}, ${candles.length} closed bars as the decision saw them`} />
      <span className="pointer-events-none absolute top-1.5 left-3 z-10 rounded-sm bg-surface-1 px-1 text-2xs text-ink-3">
        {bars.symbol} · {bars.timeframe} · {candles.length} closed bars · bid · UTC
      </span>
    </div>
  );
}
