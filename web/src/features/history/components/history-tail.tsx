// "What just happened": the newest entries of the decision history, each opening its decision.
import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import type { ReactNode } from "react";
import { historyTailQuery } from "../api/history";
import { ActionBadge } from "./action-badge";
import { EmptyState, Panel, PanelBody } from "@/components/ui/panel";
import { TimeText } from "@/components/ui/time-text";
import { sentence } from "@/lib/format/words";

interface HistoryTailProps {
  onOpen: (seq: number) => void;
  aside?: ReactNode;
  className?: string;
}

export function HistoryTail({ onOpen, aside, className }: HistoryTailProps) {
  const tail = useQuery(historyTailQuery);
  return (
    <Panel id="tail" title="What just happened" aside={aside} className={className ?? ""}>
      <PanelBody
        query={tail}
        what="the history"
        rows={5}
        isEmpty={(answer) => answer.entries.length === 0}
        empty={
          <EmptyState icon={<History />} title="Nothing has happened yet">
            Every proposal, denial, approval, order and halt is written here, with the person or rule that caused it.
          </EmptyState>
        }
      >
        {(answer) => (
          <ol className="min-h-0 flex-1 overflow-y-auto">
            {answer.entries.map((row) => (
              <li key={row.seq} className="border-b border-line/60 last:border-0">
                <button type="button" onClick={() => onOpen(row.seq)} className="flex w-full flex-col gap-0.5 px-4 py-2 text-left hover:bg-surface-2/60 focus-visible:-outline-offset-2">
                  <span className="flex w-full items-center gap-2">
                    <span className="text-xs font-medium">{row.symbol ?? "Desk"}</span>
                    <ActionBadge action={row.action} />
                    <TimeText at={row.occurred_at} className="num ml-auto shrink-0 text-2xs text-ink-3" />
                  </span>
                  <span className="w-full truncate text-xs text-ink-2" title={row.rationale || row.words}>
                    {sentence(row.rationale || row.words)}
                  </span>
                </button>
              </li>
            ))}
          </ol>
        )}
      </PanelBody>
    </Panel>
  );
}
