// Bars of the API as candles of the chart.
import type { BarRow } from "@/lib/api/types";

export interface ChartBar {
  /** Start of the bar, seconds since the epoch, UTC. */
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
}

/** Candles of the rows; a row that is cut short is left out rather than drawn wrong. */
export function toChartBars(rows: readonly BarRow[]): ChartBar[] {
  return rows.flatMap(([time, open, high, low, close]) =>
    time === undefined || open === undefined || high === undefined || low === undefined || close === undefined ? [] : [{ time, open, high, low, close }],
  );
}
