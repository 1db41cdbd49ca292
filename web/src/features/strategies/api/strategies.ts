import { queryOptions } from "@tanstack/react-query";
import { HEAL_POLL_MS } from "@/config/desk";
import { get } from "@/lib/api/client";
import type { StrategyRow } from "@/lib/api/types";

export const strategiesQuery = queryOptions({
  queryKey: ["strategies"],
  queryFn: () => get<{ items: StrategyRow[] }>("/strategies"),
  refetchInterval: HEAL_POLL_MS,
});
