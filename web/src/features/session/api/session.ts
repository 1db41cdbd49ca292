import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/lib/api/client";
import { asProblem } from "@/lib/api/problem";
import type { Session } from "@/lib/api/types";

/** The signed-in person, or null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Session | null> => {
    try {
      return await unwrap(api.GET("/api/v1/auth/session"));
    } catch (error) {
      if (asProblem(error).status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const signIn = (token: string) => unwrap(api.POST("/api/v1/auth/sign-in", { body: { token } }));
export const signOut = () => unwrap(api.POST("/api/v1/auth/logout"));
