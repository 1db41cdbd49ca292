import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { HEAL_POLL_MS } from "@/config/desk";
import { api, unwrap } from "@/lib/api/client";
import type { Idea } from "@/lib/api/types";

export const activeIdeasQuery = queryOptions({
  queryKey: ["ideas", "active"],
  queryFn: async () => {
    const answer = await unwrap(api.GET("/api/v1/ai/ideas/active"));
    return { ...answer, receivedAt: Date.now() };
  },
  refetchInterval: HEAL_POLL_MS,
});

/** What approving `lots` would do right now, in money and check by check, as the server judges it. */
export const offerQuery = (ideaId: string, lots: string, isAskable: boolean) =>
  queryOptions({
    queryKey: ["ideas", "offer", ideaId, lots],
    queryFn: () => unwrap(api.GET("/api/v1/ai/ideas/{idea_id}/preview", { params: { path: { idea_id: ideaId }, query: { lots } } })),
    enabled: isAskable,
    placeholderData: keepPreviousData,
    refetchInterval: 3_000,
    gcTime: 0,
  });

export const approveIdea = (idea: Idea, lots: string, worstPrice: string) =>
  unwrap(
    api.POST("/api/v1/ai/ideas/{idea_id}/approve", {
      params: { path: { idea_id: idea.idea_id } },
      body: { idea_digest: idea.digest, lots, worst_price: worstPrice },
    }),
  );

export const rejectIdea = (idea: Idea, reason: string) =>
  unwrap(api.POST("/api/v1/ai/ideas/{idea_id}/reject", { params: { path: { idea_id: idea.idea_id } }, body: { reason } }));
