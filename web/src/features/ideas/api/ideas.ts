import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { HEAL_POLL_MS } from "@/config/desk";
import { get, post } from "@/lib/api/client";
import type { Idea, IdeaOutcome, Preview } from "@/lib/api/types";

export const activeIdeasQuery = queryOptions({
  queryKey: ["ideas", "active"],
  queryFn: async () => {
    const answer = await get<{ items: Idea[] }>("/ai/ideas/active");
    return { ...answer, receivedAt: Date.now() };
  },
  refetchInterval: HEAL_POLL_MS,
});

/** What approving `lots` would mean in money, as the server works it out. */
export const previewQuery = (ideaId: string, lots: string, enabled: boolean) =>
  queryOptions({
    queryKey: ["ideas", "preview", ideaId, lots],
    queryFn: () => get<Preview>(`/ai/ideas/${ideaId}/preview`, { lots }),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

export const approveIdea = (idea: Idea, lots: string): Promise<IdeaOutcome> => post(`/ai/ideas/${idea.id}/approve`, { digest: idea.digest, lots });
export const rejectIdea = (idea: Idea, reason: string): Promise<IdeaOutcome> => post(`/ai/ideas/${idea.id}/reject`, { reason });
