import { queryOptions } from "@tanstack/react-query";
import { HEAL_POLL_MS } from "@/config/desk";
import { get, post } from "@/lib/api/client";
import type { Position } from "@/lib/api/types";

export const positionsQuery = queryOptions({
  queryKey: ["positions"],
  queryFn: () => get<{ items: Position[]; currency: string }>("/positions"),
  refetchInterval: HEAL_POLL_MS,
});

export const closePosition = (ticket: number): Promise<{ seq: number; message: string }> => post(`/positions/${ticket}/close`, {});
