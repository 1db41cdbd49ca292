// The desk: chart, what waits for a person, what is open, what just happened. Composes features that do not
// know each other; the selected idea and the chart's symbol live in the URL.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useIsPhone } from "../shell/use-is-phone";
import type { ChartLine } from "@/components/charts/candle-chart";
import { HistoryTail } from "@/features/history/components/history-tail";
import { activeIdeasQuery } from "@/features/ideas/api/ideas";
import { WaitingPanel } from "@/features/ideas/components/waiting-panel";
import { ChartPanel } from "@/features/market/components/chart-panel";
import { positionsQuery } from "@/features/positions/api/positions";
import { PositionsPanel } from "@/features/positions/components/positions-panel";
import { LimitsPanel } from "@/features/status/components/limits-panel";
import type { Idea, Position } from "@/lib/api/types";

const route = getRouteApi("/shell/");

export function DeskRoute() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const isPhone = useIsPhone();
  const ideas = useQuery(activeIdeasQuery).data?.ideas;
  const positions = useQuery(positionsQuery).data?.positions;

  // The selection stays where it is when newer ideas arrive above it: a key must hit the idea that was looked at.
  const [pinnedId, setPinnedId] = useState<string>();
  const find = (id: string | undefined) => ideas?.find((candidate) => candidate.idea_id === id);
  const idea = find(search.idea) ?? find(pinnedId) ?? ideas?.[0];
  if (idea && idea.idea_id !== pinnedId) setPinnedId(idea.idea_id);

  const symbol = search.symbol ?? idea?.symbol ?? positions?.[0]?.symbol;
  const lines = useMemo(() => chartLines(symbol, idea, positions ?? []), [symbol, idea, positions]);

  const openHistory = useCallback((seq: number) => void navigate({ to: "/history/$seq", params: { seq: String(seq) } }), [navigate]);
  const selectSymbol = useCallback(
    (next: string, timeframe?: string) =>
      void navigate({ search: (old) => ({ ...old, symbol: next, ...(timeframe === undefined ? {} : { timeframe }) }), replace: true }),
    [navigate],
  );
  const selectIdea = useCallback(
    (next: Idea) => void navigate({ search: (old) => ({ ...old, idea: next.idea_id, symbol: next.symbol }), replace: true }),
    [navigate],
  );

  const waiting = <WaitingPanel selectedId={idea?.idea_id} chosenId={search.idea} onSelect={selectIdea} onOpenHistory={openHistory} className="md:max-h-[66%] md:min-h-40 md:shrink-0" />;
  if (isPhone) {
    return (
      <div className="flex min-h-0 flex-1 flex-col gap-px overflow-y-auto bg-line *:shrink-0">
        {waiting}
        <PositionsPanel onOpenHistory={openHistory} onSelectSymbol={selectSymbol} />
      </div>
    );
  }
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_minmax(340px,400px)] gap-px bg-line">
      <div className="flex min-h-0 min-w-0 flex-col gap-px">
        <ChartPanel symbol={symbol} timeframe={search.timeframe} lines={lines} onSelect={selectSymbol} />
        <PositionsPanel onOpenHistory={openHistory} onSelectSymbol={selectSymbol} className="h-[30%] min-h-44 shrink-0" />
      </div>
      <div className="flex min-h-0 min-w-0 flex-col gap-px">
        {waiting}
        <LimitsPanel className="max-h-[24%] shrink-0" />
        <HistoryTail
          onOpen={openHistory}
          className="min-h-0 flex-1"
          aside={
            <Link to="/history" search={{}} className="rounded-sm text-xs text-ink-3 hover:text-ink">
              All history
            </Link>
          }
        />
      </div>
    </div>
  );
}

/** Levels of the selected idea and of every open position in the shown symbol. */
function chartLines(symbol: string | undefined, idea: Idea | undefined, positions: readonly Position[]): ChartLine[] {
  const lines: ChartLine[] = [];
  if (idea && idea.symbol === symbol) {
    lines.push({ id: `${idea.idea_id}-entry`, price: idea.entry, title: "idea entry", kind: "entry" });
    lines.push({ id: `${idea.idea_id}-sl`, price: idea.stop_loss, title: "idea SL", kind: "stop" });
    idea.take_profits.forEach(({ price }, index) =>
      lines.push({ id: `${idea.idea_id}-tp${index}`, price, title: idea.take_profits.length > 1 ? `idea TP${index + 1}` : "idea TP", kind: "target" }),
    );
  }
  for (const position of positions) {
    if (position.symbol !== symbol) continue;
    lines.push({ id: `${position.ticket}`, price: position.entry_price, title: `${position.side} ${position.lots}`, kind: "position" });
    if (position.stop_loss !== null) lines.push({ id: `${position.ticket}-sl`, price: position.stop_loss, title: "SL", kind: "stop" });
    if (position.take_profit !== null) lines.push({ id: `${position.ticket}-tp`, price: position.take_profit, title: "TP", kind: "target" });
  }
  return lines;
}
