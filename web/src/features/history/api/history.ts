import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { HEAL_POLL_MS } from "@/config/desk";
import { api, unwrap } from "@/lib/api/client";
import type { Action } from "@/lib/api/types";

export interface HistoryFilters {
  symbol?: string | undefined;
  action?: Action | undefined;
}

const PAGE_ROWS = 100;
const TAIL_ROWS = 20;

export const historyTailQuery = queryOptions({
  queryKey: ["history", "tail"],
  queryFn: () => unwrap(api.GET("/api/v1/ai/history", { params: { query: { limit: TAIL_ROWS } } })),
  refetchInterval: HEAL_POLL_MS,
});

export const historyListQuery = ({ symbol, action }: HistoryFilters) =>
  infiniteQueryOptions({
    queryKey: ["history", "list", symbol ?? "", action ?? ""],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET("/api/v1/ai/history", {
          params: { query: { symbol: symbol ?? null, action: action === undefined ? null : [action], cursor: pageParam, limit: PAGE_ROWS } },
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const historyEntryQuery = (seq: number) =>
  queryOptions({
    queryKey: ["history", "entry", seq],
    queryFn: () => unwrap(api.GET("/api/v1/ai/history/{seq}", { params: { path: { seq } } })),
  });

/** What the desk saw never changes; what followed from it (orders, fills) may still grow. */
export const storyQuery = (seq: number, hasDecision: boolean) =>
  queryOptions({
    queryKey: ["history", "story", seq],
    queryFn: () => unwrap(api.GET("/api/v1/ai/history/{seq}/snapshot", { params: { path: { seq } } })),
    enabled: hasDecision,
  });

export const replayDecision = (seq: number) => unwrap(api.POST("/api/v1/ai/history/{seq}/replay", { params: { path: { seq } } }));
