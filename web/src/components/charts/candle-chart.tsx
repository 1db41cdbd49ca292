// Candles over lightweight-charts: closed bars, price lines (entry, SL, TP, open positions) and markers (fills).
// The levels are strings and become floats here for pixels; nothing computed from them leaves this file.
import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  LineStyle,
  type AutoscaleInfo,
  type CandlestickData,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef } from "react";
import type { ChartBar } from "./bars";
import { useTheme } from "@/lib/theme/theme";

export interface ChartLine {
  id: string;
  price: string;
  title: string;
  kind: "entry" | "stop" | "target" | "position";
}

export interface ChartMarker {
  time: number;
  side: "buy" | "sell";
  kind: "open" | "close";
  text: string;
}

interface CandleChartProps {
  bars: readonly ChartBar[];
  digits: number;
  lines?: readonly ChartLine[];
  markers?: readonly ChartMarker[];
  label: string;
  /** Changes when another symbol or timeframe is shown: the view then jumps to the newest bars. */
  viewKey: string;
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function candle(bar: ChartBar): CandlestickData {
  return {
    time: bar.time as UTCTimestamp,
    open: bar.open,
    high: bar.high,
    low: bar.low,
    close: bar.close,
  };
}

function lineStyle(kind: ChartLine["kind"]) {
  switch (kind) {
    case "entry":
      return { color: token("--accent"), lineStyle: LineStyle.Solid, textColor: token("--accent-ink") };
    case "position":
      return { color: token("--ink-2"), lineStyle: LineStyle.Solid, textColor: token("--surface-0") };
    case "stop":
      return { color: token("--down"), lineStyle: LineStyle.Dashed, textColor: token("--surface-0") };
    case "target":
      return { color: token("--up"), lineStyle: LineStyle.Dashed, textColor: token("--surface-0") };
  }
}

interface Parts {
  chart: IChartApi;
  series: ISeriesApi<"Candlestick">;
  markers: ISeriesMarkersPluginApi<Time>;
  lines: IPriceLine[];
  viewKey: string | null;
}

export function CandleChart({ bars, digits, lines, markers, label, viewKey }: CandleChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const parts = useRef<Parts | null>(null);
  const theme = useTheme();

  useEffect(() => {
    if (!host.current) return;
    const chart = createChart(host.current, {
      autoSize: true,
      layout: { background: { type: ColorType.Solid, color: "transparent" }, fontFamily: "Inter Variable", fontSize: 11 },
      crosshair: { mode: CrosshairMode.Normal },
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 12, barSpacing: 7, minBarSpacing: 1 },
      rightPriceScale: { scaleMargins: { top: 0.12, bottom: 0.1 } },
      localization: { locale: "en-GB" },
    });
    const series = chart.addSeries(CandlestickSeries, { priceLineVisible: false });
    parts.current = { chart, series, markers: createSeriesMarkers(series), lines: [], viewKey: null };
    return () => {
      chart.remove();
      parts.current = null;
    };
  }, []);

  useEffect(() => {
    const line = token("--line");
    const up = token("--up");
    const down = token("--down");
    parts.current?.chart.applyOptions({
      layout: { textColor: token("--ink-3"), panes: { separatorColor: line } },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      rightPriceScale: { borderColor: line },
      timeScale: { borderColor: line },
      crosshair: {
        vertLine: { color: token("--line-strong"), labelBackgroundColor: token("--surface-3") },
        horzLine: { color: token("--line-strong"), labelBackgroundColor: token("--surface-3") },
      },
    });
    parts.current?.series.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false });
  }, [theme]);

  useEffect(() => {
    parts.current?.series.applyOptions({ priceFormat: { type: "price", precision: digits, minMove: 10 ** -digits } });
  }, [digits]);

  useEffect(() => {
    const current = parts.current;
    if (!current) return;
    current.series.setData(bars.map(candle));
    if (current.viewKey !== viewKey && bars.length > 0) {
      current.viewKey = viewKey;
      current.chart.timeScale().setVisibleLogicalRange({ from: Math.max(0, bars.length - 110), to: bars.length + 12 });
    }
  }, [bars, viewKey]);

  useEffect(() => {
    const current = parts.current;
    if (!current) return;
    for (const line of current.lines) current.series.removePriceLine(line);
    current.lines = (lines ?? []).map(({ price, title, kind }) => {
      const { color, textColor, lineStyle: style } = lineStyle(kind);
      return current.series.createPriceLine({
        price: Number(price),
        title,
        color,
        lineStyle: style,
        lineWidth: 1,
        axisLabelVisible: true,
        axisLabelColor: color,
        axisLabelTextColor: textColor,
      });
    });
    // Levels outside the candles' range would be drawn off screen: widen the scale so that all are seen.
    const levels = (lines ?? []).map((line) => Number(line.price));
    current.series.applyOptions({
      autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => {
        const info = original();
        if (!info?.priceRange || levels.length === 0) return info;
        const { minValue, maxValue } = info.priceRange;
        return { ...info, priceRange: { minValue: Math.min(minValue, ...levels), maxValue: Math.max(maxValue, ...levels) } };
      },
    });
  }, [lines, theme]);

  useEffect(() => {
    parts.current?.markers.setMarkers(
      (markers ?? []).map(({ time, side, kind, text }) => ({
        time: time as UTCTimestamp,
        position: (side === "buy") === (kind === "open") ? "belowBar" : "aboveBar",
        shape: kind === "close" ? "circle" : side === "buy" ? "arrowUp" : "arrowDown",
        color: token(kind === "close" ? "--ink-2" : side === "buy" ? "--up" : "--down"),
        text,
      })),
    );
  }, [markers, theme]);

  return <div ref={host} role="img" aria-label={label} className="absolute inset-0" />;
}
