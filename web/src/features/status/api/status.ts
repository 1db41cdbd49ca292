import { queryOptions } from "@tanstack/react-query";
import { STATUS_POLL_MS } from "@/config/desk";
import { get, post } from "@/lib/api/client";
import type { DeskStatus } from "@/lib/api/types";

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: () => get<DeskStatus>("/ai/status"),
  refetchInterval: STATUS_POLL_MS,
});

export const haltTrading = (reason: string): Promise<unknown> => post("/ai/halt", { reason });
export const resumeTrading = (reason: string): Promise<unknown> => post("/ai/resume", { reason });
