import { queryOptions } from "@tanstack/react-query";
import { STATUS_POLL_MS } from "@/config/desk";
import { api, unwrap } from "@/lib/api/client";

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: () => unwrap(api.GET("/api/v1/ai/status")),
  refetchInterval: STATUS_POLL_MS,
});

export const haltTrading = (reason: string) => unwrap(api.POST("/api/v1/ai/halt", { body: { reason } }));
export const resumeTrading = () => unwrap(api.POST("/api/v1/ai/resume"));
