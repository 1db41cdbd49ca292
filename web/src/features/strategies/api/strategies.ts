import { queryOptions } from "@tanstack/react-query";
import { HEAL_POLL_MS } from "@/config/desk";
import { api, unwrap } from "@/lib/api/client";

export const strategiesQuery = queryOptions({
  queryKey: ["strategies"],
  queryFn: () => unwrap(api.GET("/api/v1/strategies")),
  refetchInterval: HEAL_POLL_MS,
});
