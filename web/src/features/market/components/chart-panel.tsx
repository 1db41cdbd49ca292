// The chart of the desk: symbol and timeframe switch, the quote with its spread against normal, candles with the
// idea's and the positions' levels, and fills.
import { useQuery } from "@tanstack/react-query";
import { CandlestickChart } from "lucide-react";
import { useMemo } from "react";
import { barsQuery, fillsQuery, symbolsQuery } from "../api/market";
import { WatchToggle } from "./watch-toggle";
import { toChartBars } from "@/components/charts/bars";
import { CandleChart, type ChartLine, type ChartMarker } from "@/components/charts/candle-chart";
import { EmptyState, PanelBody, StaleNote } from "@/components/ui/panel";
import { Segmented } from "@/components/ui/segmented";
import type { Fill, SymbolRow, Timeframe } from "@/lib/api/types";
import { formatPrice, formatShort } from "@/lib/format/number";

interface ChartPanelProps {
  symbol: string | undefined;
  timeframe: string | undefined;
  lines: readonly ChartLine[];
  onSelect: (symbol: string, timeframe: Timeframe) => void;
}

const FIRST_CHOICE: Timeframe = "M15";

export function ChartPanel({ symbol, timeframe, lines, onSelect }: ChartPanelProps) {
  const symbols = useQuery(symbolsQuery);
  return (
    <section aria-label="Chart" className="flex min-h-0 min-w-0 flex-1 flex-col bg-surface-1">
      <PanelBody
        query={symbols}
        what="the symbols"
        isEmpty={(answer) => answer.symbols.length === 0}
        empty={
          <EmptyState icon={<CandlestickChart />} title="No symbols yet">
            Symbols come from the terminal the desk is connected to. Start it with bars files or with the generated market.
          </EmptyState>
        }
      >
        {(answer) => {
          const shown = answer.symbols.find((row) => row.instrument.symbol === symbol) ?? answer.symbols.find((row) => row.on_watchlist) ?? answer.symbols[0];
          if (!shown) return null;
          const frame = shown.timeframes.find((item) => item === timeframe) ?? defaultTimeframe(shown);
          return (
            <>
              <header className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-1">
                <Segmented
                  label="Symbol"
                  value={shown.instrument.symbol}
                  options={answer.symbols.map(({ instrument }) => ({ value: instrument.symbol, label: instrument.symbol, title: instrument.description }))}
                  onChange={(next) => onSelect(next, frame)}
                />
                <WatchToggle shown={shown} />
                <Segmented
                  label="Timeframe"
                  value={frame}
                  options={shown.timeframes.map((item) => ({ value: item, label: item }))}
                  onChange={(next) => onSelect(shown.instrument.symbol, next)}
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

function defaultTimeframe(symbol: SymbolRow): Timeframe {
  return symbol.timeframes.includes(FIRST_CHOICE) ? FIRST_CHOICE : (symbol.timeframes[0] ?? FIRST_CHOICE);
}

function Quote({ shown }: { shown: SymbolRow }) {
  const { quote, instrument } = shown;
  if (quote === null) return <span className="ml-auto text-xs text-needs">no quote</span>;
  return (
    <dl className="num ml-auto flex items-baseline gap-4 text-xs text-ink-3">
      <div className="flex gap-1.5">
        <dt>bid</dt>
        <dd className="font-medium text-ink">{formatPrice(quote.bid, instrument.digits)}</dd>
      </div>
      <div className="flex gap-1.5">
        <dt>ask</dt>
        <dd className="font-medium text-ink">{formatPrice(quote.ask, instrument.digits)}</dd>
      </div>
      <div className="flex gap-1.5">
        <dt>spread</dt>
        <dd className="text-ink-2">{formatShort(quote.spread_points)} pt</dd>
      </div>
      {!shown.market_open && <span className="font-medium text-needs">market closed</span>}
    </dl>
  );
}

function Candles({ shown, timeframe, lines }: { shown: SymbolRow; timeframe: Timeframe; lines: readonly ChartLine[] }) {
  const { symbol, digits } = shown.instrument;
  const bars = useQuery(barsQuery(symbol, timeframe));
  const fills = useQuery(fillsQuery(symbol));
  const candles = useMemo(() => toChartBars(bars.data ? [...bars.data.bars, ...(bars.data.forming ? [bars.data.forming] : [])] : []), [bars.data]);
  const markers = useMemo(() => toMarkers(fills.data?.fills ?? [], candles.map((bar) => bar.time)), [fills.data, candles]);
  return (
    <PanelBody
      query={bars}
      what={`${symbol} ${timeframe} bars`}
      rows={8}
      isEmpty={() => candles.length === 0}
      empty={
        <EmptyState icon={<CandlestickChart />} title={`No closed ${timeframe} bar of ${symbol} yet`}>
          The first candle appears when the first {timeframe} bar closes on the market clock.
        </EmptyState>
      }
    >
      {() => (
        <div className="relative min-h-0 flex-1">
          {fills.error && <StaleNote query={fills} what="fills" />}
          <CandleChart
            bars={candles}
            digits={digits}
            lines={lines}
            markers={markers}
            viewKey={`${symbol} ${timeframe}`}
            label={`${symbol} ${timeframe} candles, bid prices, times in UTC. ${lines.map((line) => `${line.title} ${line.price}`).join(", ")}`}
          />
          <span className="pointer-events-none absolute top-1.5 left-3 z-10 rounded-sm bg-surface-1 px-1 text-2xs text-ink-3">
            {symbol} · {timeframe} · bid · UTC
          </span>
        </div>
      )}
    </PanelBody>
  );
}

/** Fills belong to the bar they happened in: the last bar that starts at or before the fill. */
function toMarkers(fills: readonly Fill[], starts: readonly number[]): ChartMarker[] {
  const markers = fills.flatMap<ChartMarker>((fill) => {
    const at = Date.parse(fill.at) / 1000;
    const time = starts.findLast((start) => start <= at);
    if (time === undefined) return [];
    const kind = fill.kind === "open" ? "open" : "close";
    return [{ time, side: fill.side, kind, text: `${kind === "open" ? fill.side : "close"} ${fill.lots}` }];
  });
  return markers.sort((a, b) => a.time - b.time);
}
