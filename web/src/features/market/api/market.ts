import { queryOptions } from "@tanstack/react-query";
import { CHART_BARS, HEAL_POLL_MS } from "@/config/desk";
import { api, unwrap } from "@/lib/api/client";
import type { Timeframe } from "@/lib/api/types";

const CHART_FILLS = 200;

export const symbolsQuery = queryOptions({
  queryKey: ["market", "symbols"],
  queryFn: () => unwrap(api.GET("/api/v1/market/symbols")),
  refetchInterval: HEAL_POLL_MS,
});

export const barsQuery = (symbol: string, timeframe: Timeframe) =>
  queryOptions({
    queryKey: ["market", "bars", symbol, timeframe],
    queryFn: () => unwrap(api.GET("/api/v1/market/bars", { params: { query: { symbol, timeframe, limit: CHART_BARS } } })),
    refetchInterval: HEAL_POLL_MS,
  });

export const fillsQuery = (symbol: string) =>
  queryOptions({
    queryKey: ["executions", symbol],
    queryFn: () => unwrap(api.GET("/api/v1/executions", { params: { query: { symbol, limit: CHART_FILLS } } })),
    refetchInterval: HEAL_POLL_MS,
  });
