import { queryOptions } from "@tanstack/react-query";
import { CHART_BARS, HEAL_POLL_MS } from "@/config/desk";
import { get } from "@/lib/api/client";
import type { BarsAnswer, Fill, MarketSymbol } from "@/lib/api/types";

export const symbolsQuery = queryOptions({
  queryKey: ["market", "symbols"],
  queryFn: () => get<{ items: MarketSymbol[] }>("/market/symbols"),
  refetchInterval: HEAL_POLL_MS,
});

export const barsQuery = (symbol: string, timeframe: string) =>
  queryOptions({
    queryKey: ["market", "bars", symbol, timeframe],
    queryFn: () => get<BarsAnswer>("/market/bars", { symbol, timeframe, limit: CHART_BARS }),
    refetchInterval: HEAL_POLL_MS,
  });

export const fillsQuery = (symbol: string) =>
  queryOptions({
    queryKey: ["executions", symbol],
    queryFn: () => get<{ items: Fill[] }>("/executions", { symbol, limit: 100 }),
    refetchInterval: HEAL_POLL_MS,
  });
