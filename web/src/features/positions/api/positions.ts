import { queryOptions } from "@tanstack/react-query";
import { HEAL_POLL_MS } from "@/config/desk";
import { api, unwrap } from "@/lib/api/client";

export const positionsQuery = queryOptions({
  queryKey: ["positions"],
  queryFn: () => unwrap(api.GET("/api/v1/positions")),
  refetchInterval: HEAL_POLL_MS,
});

/** Takes a position out of the book that is gone at the broker without a deal; the reason goes on record. */
export const clearPosition = (ticket: number, reason: string) =>
  unwrap(api.POST("/api/v1/positions/{ticket}/clear", { params: { path: { ticket } }, body: { reason } }));

/** Closes the whole position. */
export const closePosition = (ticket: number) =>
  unwrap(api.POST("/api/v1/positions/{ticket}/close", { params: { path: { ticket } }, body: {} }));
