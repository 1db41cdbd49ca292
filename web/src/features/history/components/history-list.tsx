// The whole decision history, newest first, filtered by symbol and action; the filters live in the URL.
import { useInfiniteQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { ScrollText } from "lucide-react";
import { useState } from "react";
import { historyListQuery, type HistoryFilters } from "../api/history";
import { ActionBadge } from "./action-badge";
import { Button } from "@/components/ui/button";
import { EmptyState, PanelBody } from "@/components/ui/panel";
import { Select } from "@/components/ui/select";
import type { HistoryRow } from "@/lib/api/types";
import { formatShort } from "@/lib/format/number";
import { formatExact } from "@/lib/format/time";
import { actionWords, HISTORY_ACTIONS, sentence } from "@/lib/format/words";
import { useAction } from "@/lib/keyboard/actions";

interface HistoryListProps {
  filters: HistoryFilters;
  symbols: readonly string[];
  onFilter: (filters: HistoryFilters) => void;
  onOpen: (seq: number) => void;
}

export function HistoryList({ filters, symbols, onFilter, onOpen }: HistoryListProps) {
  const list = useInfiniteQuery(historyListQuery(filters));
  const rows = list.data?.pages.flatMap((page) => page.entries) ?? [];
  const [cursor, setCursor] = useState(0);
  const current = Math.min(cursor, Math.max(0, rows.length - 1));
  const row = rows[current];
  useAction({ id: "history.next", label: "Next entry", group: "History", shortcut: "j", run: () => setCursor(Math.min(rows.length - 1, current + 1)) }, rows.length > 0);
  useAction({ id: "history.previous", label: "Previous entry", group: "History", shortcut: "k", run: () => setCursor(Math.max(0, current - 1)) }, rows.length > 0);
  useAction({ id: "history.open", label: "Open the entry", group: "History", shortcut: "Enter", run: () => row && onOpen(row.seq) }, rows.length > 0);
  const isFiltered = filters.symbol !== undefined || filters.action !== undefined;

  return (
    <section aria-labelledby="history-title" className="flex min-h-0 flex-1 flex-col bg-surface-1">
      <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2">
        <h1 id="history-title" className="text-lg font-semibold">
          Decision history
        </h1>
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <Select label="Symbol" value={filters.symbol} anyText="All symbols" options={symbols.map((symbol) => ({ value: symbol, text: symbol }))} onChange={(symbol) => onFilter({ ...filters, symbol })} />
          <Select label="Action" value={filters.action} anyText="All actions" options={HISTORY_ACTIONS.map((action) => ({ value: action, text: actionWords(action) }))} onChange={(action) => onFilter({ ...filters, action })} />
          {isFiltered && (
            <Button tone="quiet" size="sm" onClick={() => onFilter({})}>
              Clear
            </Button>
          )}
        </div>
      </header>
      <PanelBody
        query={list}
        what="the history"
        rows={12}
        isEmpty={() => rows.length === 0}
        empty={
          <EmptyState icon={<ScrollText />} title={isFiltered ? "No entry matches these filters" : "The history is empty"}>
            {isFiltered
              ? "Choose another symbol or action, or clear the filters."
              : "Every proposal, denial, approval, order, halt and manual act is written here and chained by hash. The first idea makes the first entry."}
          </EmptyState>
        }
      >
        {() => (
          <div className="min-h-0 flex-1 overflow-auto">
            <table className="w-full text-sm">
              <thead className="sticky top-0 z-10 bg-surface-1">
                <tr className="text-left text-2xs text-ink-3 [&>th]:border-b [&>th]:border-line [&>th]:px-3 [&>th]:py-1.5 [&>th]:font-medium">
                  <th scope="col" className="w-16 pl-4! text-right!">Seq</th>
                  <th scope="col" className="w-44">Time, UTC</th>
                  <th scope="col" className="w-24">Symbol</th>
                  <th scope="col" className="w-44">Action</th>
                  <th scope="col">What happened</th>
                  <th scope="col" className="w-24 text-right!">Confidence</th>
                  <th scope="col" className="w-44 pr-4!">By</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((entry, index) => (
                  <EntryRow key={entry.seq} entry={entry} isCurrent={index === current} onOpen={() => onOpen(entry.seq)} />
                ))}
              </tbody>
            </table>
            {list.hasNextPage && (
              <div className="flex justify-center p-4">
                <Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>
                  {list.isFetchingNextPage ? "Loading…" : "Older entries"}
                </Button>
              </div>
            )}
          </div>
        )}
      </PanelBody>
    </section>
  );
}

function EntryRow({ entry, isCurrent, onOpen }: { entry: HistoryRow; isCurrent: boolean; onOpen: () => void }) {
  return (
    <tr
      onClick={onOpen}
      ref={(row) => {
        if (isCurrent) row?.scrollIntoView({ block: "nearest" });
      }}
      className={clsx("h-8 cursor-pointer border-b border-line/60 hover:bg-surface-2/60 [&>td]:px-3", isCurrent && "bg-surface-2/60 shadow-[inset_2px_0_0_var(--accent)]")}
    >
      <td className="num pl-4! text-right text-xs text-ink-3">
        <a
          href={`/history/${entry.seq}`}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey) {
              event.stopPropagation();
              return;
            }
            event.preventDefault();
          }}
          className="rounded-sm hover:underline"
        >
          {entry.seq}
        </a>
      </td>
      <td className="num text-xs text-ink-2">{formatExact(new Date(entry.occurred_at)).replace(" UTC", "")}</td>
      <td className="font-medium">{entry.symbol ?? <span className="font-normal text-ink-3">Desk</span>}</td>
      <td>
        <ActionBadge action={entry.action} />
      </td>
      <td className="max-w-0 truncate text-ink-2" title={entry.rationale || entry.words}>
        {sentence(entry.rationale || entry.words)}
      </td>
      <td className="num text-right">{formatShort(entry.confidence_score)}</td>
      <td className="truncate pr-4! text-xs text-ink-3">{entry.actor}</td>
    </tr>
  );
}
