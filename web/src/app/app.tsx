// Providers around the router: queries, tooltips, toasts. A 401 anywhere means that the session ended.
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Toaster } from "sonner";
import { router } from "./router";
import { TooltipProvider } from "@/components/ui/tooltip";
import { sessionQuery } from "@/features/session/api/session";
import { asProblem } from "@/lib/api/problem";
import { useTheme } from "@/lib/theme/theme";

function onProblem(error: unknown): void {
  if (asProblem(error).status === 401) queries.setQueryData(sessionQuery.queryKey, null);
}

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: onProblem }),
  mutationCache: new MutationCache({ onError: onProblem }),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // Only an unreachable desk is worth asking again at once; a refusal stays a refusal.
      retry: (failures, error) => failures < 1 && [0, 502, 503, 504].includes(asProblem(error).status),
      retryDelay: 400,
      refetchOnWindowFocus: true,
      networkMode: "always",
    },
    mutations: { retry: false, networkMode: "always" },
  },
});

export function App() {
  const theme = useTheme();
  return (
    <QueryClientProvider client={queries}>
      <TooltipProvider delayDuration={300}>
        <RouterProvider router={router} />
        <Toaster
          theme={theme}
          position="bottom-right"
          toastOptions={{
            classNames: {
              toast: "bg-surface-2! border-line-strong! text-ink! shadow-none! rounded-lg! font-sans!",
              description: "text-ink-2!",
              actionButton: "bg-accent! text-accent-ink!",
            },
          }}
        />
      </TooltipProvider>
    </QueryClientProvider>
  );
}
