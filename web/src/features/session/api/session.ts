import { queryOptions } from "@tanstack/react-query";
import { get, post } from "@/lib/api/client";
import { asProblem } from "@/lib/api/problem";
import type { Session } from "@/lib/api/types";

/** The signed-in person, or null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Session | null> => {
    try {
      return await get<Session>("/auth/session");
    } catch (error) {
      if (asProblem(error).status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const exchangeToken = (token: string): Promise<Session> => post<Session>("/auth/exchange", { token });
export const signOut = (): Promise<unknown> => post("/auth/logout", {});
