// One decision, told in flow order: what the desk saw, indicators, conditions, confidence, levels, checks, size,
// order and fills; beside it the record's place in the chain and the recomputation.
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { historyEntryQuery, storyQuery } from "../api/history";
import { ActionBadge } from "./action-badge";
import { ConfidenceStage } from "./story/confidence-stage";
import { MarketStage } from "./story/market-stage";
import { LevelsStage, OrderStage, SizingStage } from "./story/order-stage";
import { Digest, Recompute } from "./story/recompute";
import { ConditionStage, IndicatorStage } from "./story/rules-stage";
import { Box, Stage } from "./story/stage";
import { CheckTable } from "@/components/decision/checks";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Json } from "@/components/ui/json";
import { ErrorState, LoadingState, PanelBody } from "@/components/ui/panel";
import { TimeText } from "@/components/ui/time-text";
import type { DecisionStory, HistoryEntry } from "@/lib/api/types";
import { formatExact } from "@/lib/format/time";
import { actionWords, humanise } from "@/lib/format/words";
import { useAction } from "@/lib/keyboard/actions";

interface DecisionPageProps {
  seq: number;
  onBack: () => void;
  onOpen: (seq: number) => void;
}

export function DecisionPage({ seq, onBack, onOpen }: DecisionPageProps) {
  const entry = useQuery(historyEntryQuery(seq));
  useAction({ id: "decision.back", label: "Back", group: "Decision", shortcut: "Escape", run: onBack });
  useAction({ id: "decision.newer", label: "Next entry", group: "Decision", shortcut: "j", run: () => onOpen(seq + 1) });
  useAction({ id: "decision.older", label: "Previous entry", group: "Decision", shortcut: "k", run: () => seq > 1 && onOpen(seq - 1) });
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-[1360px] flex-col gap-5 px-6 py-5 max-md:px-4">
        <PanelBody query={entry} what={`entry ${seq}`} rows={10}>
          {(data) => <Entry entry={data} onBack={onBack} onOpen={onOpen} />}
        </PanelBody>
      </div>
    </div>
  );
}

function Entry({ entry, onBack, onOpen }: { entry: HistoryEntry; onBack: () => void; onOpen: (seq: number) => void }) {
  const story = useQuery(storyQuery(entry.seq, entry.has_replay));
  return (
    <>
      <header className="flex flex-col gap-2">
        <div className="flex items-center gap-3">
          <Button tone="quiet" size="sm" shortcut="Escape" onClick={onBack} className="-ml-2.5">
            <ArrowLeft aria-hidden className="size-3.5" /> History
          </Button>
          <span className="num text-xs text-ink-3">#{entry.seq}</span>
          <ActionBadge action={entry.action} />
        </div>
        <h1 className="text-xl font-semibold text-balance">
          {entry.symbol ? `${entry.symbol}: ` : ""}
          {entry.words}
        </h1>
        <p className="text-xs text-ink-3">
          <time dateTime={entry.occurred_at} className="num">
            {formatExact(new Date(entry.occurred_at))}
          </time>{" "}
          (<TimeText at={entry.occurred_at} />) · by {entry.actor}
          {entry.strategy_name && ` · ${entry.strategy_name}`}
        </p>
      </header>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_320px]">
        <div className="min-w-0 max-lg:order-last">{entry.has_replay ? <StoryBody query={story} /> : <Plain entry={entry} />}</div>
        <aside className="flex flex-col gap-4 lg:sticky lg:top-5">
          {entry.has_replay && <Recompute seq={entry.seq} />}
          <Related entry={entry} onOpen={onOpen} />
          <section aria-label="Place in the chain" className="rounded-md border border-line bg-surface-1 p-4">
            <h2 className="font-semibold">Place in the chain</h2>
            <p className="mb-2 text-xs text-ink-3">
              Entry <span className="num">{entry.seq}</span>; each entry is hashed together with the one before it.
            </p>
            <dl className="flex flex-col gap-1.5">
              <Digest name="Previous entry" value={entry.prev_hash} />
              <Digest name="This entry" value={entry.entry_hash} />
            </dl>
          </section>
        </aside>
      </div>
    </>
  );
}

function Plain({ entry }: { entry: HistoryEntry }) {
  return (
    <Box className="p-4">
      <h2 className="mb-1 font-semibold">{actionWords(entry.action)}</h2>
      {entry.rationale && <p className="mb-3 text-ink-2">{entry.rationale}</p>}
      <h3 className="label mb-1">Recorded</h3>
      <Json value={entry.payload} />
    </Box>
  );
}

function Related({ entry, onOpen }: { entry: HistoryEntry; onOpen: (seq: number) => void }) {
  if (entry.related.length < 2) return null;
  return (
    <section aria-label="The same idea" className="rounded-md border border-line bg-surface-1 p-4">
      <h2 className="mb-2 font-semibold">The same idea</h2>
      <ol className="flex flex-col gap-0.5">
        {entry.related.map((other) => (
          <li key={other.seq}>
            <button
              type="button"
              aria-current={other.seq === entry.seq ? "page" : undefined}
              onClick={() => onOpen(other.seq)}
              className="-mx-2 flex w-[calc(100%+16px)] items-center gap-2 rounded-md px-2 py-1 text-left text-xs text-ink-2 hover:bg-surface-2 aria-[current=page]:bg-surface-2 aria-[current=page]:font-medium aria-[current=page]:text-ink"
            >
              <span className="num w-9 shrink-0 text-ink-3">#{other.seq}</span>
              <span className="min-w-0 flex-1 truncate">{actionWords(other.action)}</span>
              <TimeText at={other.occurred_at} className="num shrink-0 text-2xs text-ink-3" />
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function StoryBody({ query }: { query: { data: DecisionStory | undefined; error: unknown; refetch: () => unknown } }) {
  if (query.error) return <ErrorState error={query.error} what="what the desk saw" onRetry={query.refetch} />;
  if (!query.data) return <LoadingState rows={12} what="what the desk saw" />;
  const story = query.data;
  const failed = story.checks.filter((check) => !check.passed).length;
  const stages = [
    (number: number) => <MarketStage key="market" story={story} number={number} />,
    story.indicators.length > 0 && ((number: number) => <IndicatorStage key="indicators" indicators={story.indicators} number={number} />),
    story.conditions.length > 0 && ((number: number) => <ConditionStage key="conditions" conditions={story.conditions} number={number} />),
    story.confidence && ((number: number) => story.confidence && <ConfidenceStage key="confidence" confidence={story.confidence} number={number} />),
    story.levels.length > 0 && ((number: number) => <LevelsStage key="levels" story={story} number={number} />),
    story.checks.length > 0 &&
      ((number: number) => (
        <Stage
          key="checks"
          number={number}
          title="The gate"
          note={
            <>
              {story.checks.length - failed} of {story.checks.length} checks passed · <Badge>{humanise(story.outcome)}</Badge>
            </>
          }
        >
          <Box className="px-4">
            <CheckTable checks={story.checks} />
          </Box>
        </Stage>
      )),
    story.sizing.length > 0 && ((number: number) => <SizingStage key="sizing" story={story} number={number} />),
    (number: number) => <OrderStage key="order" story={story} number={number} />,
  ].filter((stage) => typeof stage === "function");
  return <>{stages.map((stage, index) => stage(index + 1))}</>;
}
