import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { HEAL_POLL_MS } from "@/config/desk";
import { get, post } from "@/lib/api/client";
import type { DecisionStory, HistoryEntry, HistoryRow, Replay } from "@/lib/api/types";

export interface HistoryFilters {
  symbol?: string | undefined;
  action?: string | undefined;
}

interface HistoryPage {
  items: HistoryRow[];
  next_cursor: string | null;
}

const PAGE_ROWS = 100;
const TAIL_ROWS = 20;

export const historyTailQuery = queryOptions({
  queryKey: ["history", "tail"],
  queryFn: () => get<HistoryPage>("/ai/history", { limit: TAIL_ROWS }),
  refetchInterval: HEAL_POLL_MS,
});

export const historyListQuery = ({ symbol, action }: HistoryFilters) =>
  infiniteQueryOptions({
    queryKey: ["history", "list", symbol ?? "", action ?? ""],
    queryFn: ({ pageParam }) => get<HistoryPage>("/ai/history", { symbol, action, cursor: pageParam, limit: PAGE_ROWS }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

export const historyEntryQuery = (seq: number) =>
  queryOptions({ queryKey: ["history", "entry", seq], queryFn: () => get<HistoryEntry>(`/ai/history/${seq}`), refetchInterval: HEAL_POLL_MS });

/** What was seen never changes, so it is fetched once. */
export const storyQuery = (seq: number, enabled: boolean) =>
  queryOptions({ queryKey: ["story", seq], queryFn: () => get<DecisionStory>(`/ai/history/${seq}/snapshot`), staleTime: Infinity, enabled });

export const replayDecision = (seq: number): Promise<Replay> => post(`/ai/history/${seq}/replay`, {});
