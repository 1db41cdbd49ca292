import { queryOptions } from "@tanstack/react-query";
import { HEAL_POLL_MS } from "@/config/desk";
import { api, unwrap } from "@/lib/api/client";

export const positionsQuery = queryOptions({
  queryKey: ["positions"],
  queryFn: () => unwrap(api.GET("/api/v1/positions")),
  refetchInterval: HEAL_POLL_MS,
});

/** Closes the whole position. */
export const closePosition = (ticket: number) =>
  unwrap(api.POST("/api/v1/positions/{ticket}/close", { params: { path: { ticket } }, body: {} }));
