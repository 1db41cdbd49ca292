// Published strategies, read only: what may trade, on which symbols, in which version.
import { useQuery } from "@tanstack/react-query";
import { FileJson } from "lucide-react";
import { strategiesQuery } from "../api/strategies";
import { Side } from "@/components/decision/side";
import { Badge } from "@/components/ui/badge";
import { EmptyState, PanelBody } from "@/components/ui/panel";
import { TimeText } from "@/components/ui/time-text";
import { formatFraction, formatShort } from "@/lib/format/number";

export function StrategyList() {
  const strategies = useQuery(strategiesQuery);
  return (
    <section aria-labelledby="strategies-title" className="flex min-h-0 flex-1 flex-col bg-surface-1">
      <header className="flex h-12 shrink-0 items-center border-b border-line px-4">
        <h1 id="strategies-title" className="text-lg font-semibold">
          Strategies
        </h1>
      </header>
      <PanelBody
        query={strategies}
        what="the strategies"
        isEmpty={(answer) => answer.strategies.length === 0}
        empty={
          <EmptyState icon={<FileJson />} title="No strategy is published">
            Ideas come only from published strategies. Publish one with <code className="mono">tradewarden strategy publish FILE</code>.
          </EmptyState>
        }
      >
        {(answer) => (
          <div className="min-h-0 flex-1 overflow-auto">
            <table className="w-full text-sm">
              <thead>
                <tr className="text-left text-2xs text-ink-3 [&>th]:border-b [&>th]:border-line [&>th]:px-3 [&>th]:py-1.5 [&>th]:font-medium">
                  <th scope="col" className="pl-4!">Strategy</th>
                  <th scope="col">State</th>
                  <th scope="col">Symbols</th>
                  <th scope="col">Timeframe</th>
                  <th scope="col">Side</th>
                  <th scope="col">Sessions</th>
                  <th scope="col" className="text-right!">Risk</th>
                  <th scope="col" className="text-right!">RR</th>
                  <th scope="col" className="text-right!">Version</th>
                  <th scope="col">Published</th>
                  <th scope="col" className="pr-4!">Digest</th>
                </tr>
              </thead>
              <tbody>
                {answer.strategies.map((strategy) => (
                  <tr key={strategy.strategy_id} className="border-b border-line/60 [&>td]:px-3 [&>td]:py-2">
                    <td className="max-w-[52ch] pl-4!">
                      <p className="font-medium">{strategy.name}</p>
                      <p className="truncate text-xs text-ink-3" title={strategy.description}>
                        {strategy.description}
                      </p>
                    </td>
                    <td>{strategy.is_active ? <Badge tone="accent">On</Badge> : <Badge>Off</Badge>}</td>
                    <td>{strategy.allowed_symbols.join(", ")}</td>
                    <td className="num">{strategy.timeframe}</td>
                    <td className="space-x-2">
                      {strategy.sides.map((side) => (
                        <Side key={side} side={side} className="text-xs" />
                      ))}
                    </td>
                    <td className="max-w-[28ch] truncate text-xs text-ink-2" title={strategy.sessions.join(", ")}>
                      {strategy.sessions.length === 0 ? "any time" : strategy.sessions.join(", ")}
                    </td>
                    <td className="num text-right">{formatFraction(strategy.risk_fraction)}</td>
                    <td className="num text-right">{formatShort(strategy.rr_expectation, 2)}</td>
                    <td className="num text-right">{strategy.version}</td>
                    <td className="text-xs whitespace-nowrap text-ink-2">
                      <TimeText at={strategy.published_at} />
                    </td>
                    <td className="mono pr-4! text-ink-3" title={strategy.digest}>
                      {strategy.digest.slice(0, 16)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </PanelBody>
    </section>
  );
}
