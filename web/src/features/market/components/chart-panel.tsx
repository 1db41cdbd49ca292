// The chart of the desk: symbol and timeframe switch, the quote with its spread against normal, candles with the
// idea's and the positions' levels, and fills.
import { useQuery } from "@tanstack/react-query";
import { CandlestickChart } from "lucide-react";
import { useMemo } from "react";
import { barsQuery, fillsQuery, symbolsQuery } from "../api/market";
import { CandleChart, type ChartLine, type ChartMarker } from "@/components/charts/candle-chart";
import { EmptyState, PanelBody, StaleNote } from "@/components/ui/panel";
import { Segmented } from "@/components/ui/segmented";
import type { BarsAnswer, Fill, MarketSymbol } from "@/lib/api/types";
import { formatDecimal } from "@/lib/format/number";

interface ChartPanelProps {
  symbol: string | undefined;
  timeframe: string | undefined;
  lines: readonly ChartLine[];
  onSelect: (symbol: string, timeframe: string) => void;
}

const FIRST_CHOICE = "M15";

export function ChartPanel({ symbol, timeframe, lines, onSelect }: ChartPanelProps) {
  const symbols = useQuery(symbolsQuery);
  return (
    <section aria-label="Chart" className="flex min-h-0 min-w-0 flex-1 flex-col bg-surface-1">
      <PanelBody
        query={symbols}
        what="the symbols"
        isEmpty={(answer) => answer.items.length === 0}
        empty={
          <EmptyState icon={<CandlestickChart />} title="No symbols yet">
            Symbols come from the terminal the desk is connected to. Start it with bars files or with the generated market.
          </EmptyState>
        }
      >
        {(answer) => {
          const shown = answer.items.find((item) => item.symbol === symbol) ?? answer.items[0];
          if (!shown) return null;
          const frame = timeframe !== undefined && shown.timeframes.includes(timeframe) ? timeframe : defaultTimeframe(shown);
          return (
            <>
              <header className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-1">
                <Segmented
                  label="Symbol"
                  value={shown.symbol}
                  options={answer.items.map((item) => ({ value: item.symbol, label: item.symbol, title: item.description }))}
                  onChange={(next) => onSelect(next, frame)}
                />
                <Segmented
                  label="Timeframe"
                  value={frame}
                  options={shown.timeframes.map((item) => ({ value: item, label: item }))}
                  onChange={(next) => onSelect(shown.symbol, next)}
                />
                <Quote shown={shown} />
              </header>
              <Candles shown={shown} timeframe={frame} lines={lines} />
            </>
          );
        }}
      </PanelBody>
    </section>
  );
}

function defaultTimeframe(symbol: MarketSymbol): string {
  return symbol.timeframes.includes(FIRST_CHOICE) ? FIRST_CHOICE : (symbol.timeframes[0] ?? FIRST_CHOICE);
}

function Quote({ shown }: { shown: MarketSymbol }) {
  if (shown.bid === null || shown.ask === null) return <span className="ml-auto text-xs text-ink-3">no quote yet</span>;
  return (
    <dl className="num ml-auto flex items-baseline gap-4 text-xs text-ink-3">
      <div className="flex gap-1.5">
        <dt>bid</dt>
        <dd className="font-medium text-ink">{formatDecimal(shown.bid)}</dd>
      </div>
      <div className="flex gap-1.5">
        <dt>ask</dt>
        <dd className="font-medium text-ink">{formatDecimal(shown.ask)}</dd>
      </div>
      {shown.spread_points !== null && (
        <div className="flex gap-1.5">
          <dt>spread</dt>
          <dd className="text-ink-2">
            {formatDecimal(shown.spread_points)} pt
            {shown.median_spread_points !== null && <span className="text-ink-3"> (median {formatDecimal(shown.median_spread_points)})</span>}
          </dd>
        </div>
      )}
    </dl>
  );
}

function Candles({ shown, timeframe, lines }: { shown: MarketSymbol; timeframe: string; lines: readonly ChartLine[] }) {
  const bars = useQuery(barsQuery(shown.symbol, timeframe));
  const fills = useQuery(fillsQuery(shown.symbol));
  const candles = useMemo(() => (bars.data ? toCandles(bars.data) : []), [bars.data]);
  const markers = useMemo(() => toMarkers(fills.data?.items ?? [], candles.map((bar) => bar.time)), [fills.data, candles]);
  return (
    <PanelBody
      query={bars}
      what={`${shown.symbol} ${timeframe} bars`}
      rows={8}
      isEmpty={() => candles.length === 0}
      empty={
        <EmptyState icon={<CandlestickChart />} title={`No closed ${timeframe} bar of ${shown.symbol} yet`}>
          The first candle appears when the first {timeframe} bar closes on the market clock.
        </EmptyState>
      }
    >
      {() => (
        <div className="relative min-h-0 flex-1">
          {fills.error && <StaleNote query={fills} what="fills" />}
          <CandleChart
            bars={candles}
            digits={shown.digits}
            lines={lines}
            markers={markers}
            viewKey={`${shown.symbol} ${timeframe}`}
            label={`${shown.symbol} ${timeframe} candles, bid prices, times in UTC. ${lines.map((line) => `${line.title} ${line.price}`).join(", ")}`}
          />
          <span className="pointer-events-none absolute top-2 left-4 text-2xs text-ink-3">
            {shown.symbol} · {timeframe} · bid · UTC
          </span>
        </div>
      )}
    </PanelBody>
  );
}

function toCandles(answer: BarsAnswer) {
  const bars = answer.forming ? [...answer.bars, answer.forming] : answer.bars;
  return bars.map(({ start_at, open, high, low, close }) => ({ time: Date.parse(start_at) / 1000, open, high, low, close }));
}

/** Fills belong to the bar they happened in: the last bar that starts at or before the fill. */
function toMarkers(fills: readonly Fill[], starts: readonly number[]): ChartMarker[] {
  return fills.flatMap((fill) => {
    const at = Date.parse(fill.at) / 1000;
    const time = starts.findLast((start) => start <= at);
    return time === undefined ? [] : [{ time, side: fill.side, text: `${fill.kind === "close" ? "close " : ""}${fill.lots}` }];
  }).sort((a, b) => a.time - b.time);
}
