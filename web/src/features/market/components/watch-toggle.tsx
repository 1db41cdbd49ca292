// Puts the shown symbol on the watchlist (a filled star) or takes it off (an empty one). Off it, an idea asks a person
// before anything is opened.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Star } from "lucide-react";
import { toast } from "sonner";
import { symbolsQuery } from "../api/market";
import { watch } from "../api/watchlist";
import { Button } from "@/components/ui/button";
import { asProblem, nextStep } from "@/lib/api/problem";
import type { SymbolRow } from "@/lib/api/types";

export function WatchToggle({ shown }: { shown: SymbolRow }) {
  const queries = useQueryClient();
  const { symbol } = shown.instrument;
  const change = useMutation({
    mutationFn: (watched: boolean) => watch(symbol, watched),
    onSuccess: (_, watched) => toast(`${symbol} is ${watched ? "on" : "off"} the watchlist`),
    onError: (error) => {
      const problem = asProblem(error);
      toast.error(`Watchlist not changed: ${problem.message}`, { description: nextStep(problem) });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: symbolsQuery.queryKey }),
  });
  return (
    <Button
      tone="quiet"
      size="sm"
      aria-pressed={shown.on_watchlist}
      title={shown.on_watchlist ? `Take ${symbol} off the watchlist` : `Put ${symbol} on the watchlist`}
      disabled={change.isPending}
      onClick={() => change.mutate(!shown.on_watchlist)}
    >
      <Star aria-hidden size={14} className={shown.on_watchlist ? "fill-current" : ""} />
      <span className="sr-only">{shown.on_watchlist ? "watched" : "not watched"}</span>
    </Button>
  );
}
