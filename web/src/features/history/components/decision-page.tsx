// One decision, told in flow order: what the desk saw, indicators, conditions, confidence, levels, checks, size,
// order and fills; beside it the record's place in the chain and the recomputation.
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { historyEntryQuery, storyQuery } from "../api/history";
import { ActionBadge } from "./action-badge";
import { ConfidenceStage } from "./story/confidence-stage";
import { MarketStage } from "./story/market-stage";
import { LevelsStage, OrderStage, PlanStage, SizingStage } from "./story/order-stage";
import { Digest, Recompute } from "./story/recompute";
import { ConditionStage, IndicatorStage } from "./story/rules-stage";
import { Box, Stage } from "./story/stage";
import { CheckTable } from "@/components/decision/checks";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Json } from "@/components/ui/json";
import { ErrorState, LoadingState, PanelBody } from "@/components/ui/panel";
import { TimeText } from "@/components/ui/time-text";
import type { DecisionStory, HistoryDetail } from "@/lib/api/types";
import { formatExact } from "@/lib/format/time";
import { actionWords, humanise, sentence } from "@/lib/format/words";
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
          {(data) => <Entry detail={data} onBack={onBack} onOpen={onOpen} />}
        </PanelBody>
      </div>
    </div>
  );
}

function Entry({ detail, onBack, onOpen }: { detail: HistoryDetail; onBack: () => void; onOpen: (seq: number) => void }) {
  const { entry } = detail;
  const story = useQuery(storyQuery(entry.seq, entry.has_decision));
  return (
    <>
      <header className="flex flex-col gap-2">
        <div className="flex items-center gap-3">
          <Button tone="quiet" size="sm" shortcut="Escape" onClick={onBack} className="-ml-2.5">
            <ArrowLeft aria-hidden className="size-3.5" /> Back
          </Button>
          <span className="num text-xs text-ink-3">#{entry.seq}</span>
          <ActionBadge action={entry.action} />
          {entry.human_override && <Badge>by a person</Badge>}
        </div>
        <h1 className="text-xl font-semibold text-balance">{entry.words}</h1>
        {entry.rationale && entry.rationale !== entry.words && <p className="max-w-[100ch] text-ink-2">{sentence(entry.rationale)}</p>}
        <p className="text-xs text-ink-3">
          <time dateTime={entry.occurred_at} className="num">
            {formatExact(new Date(entry.occurred_at))}
          </time>{" "}
          (<TimeText at={entry.occurred_at} />) · by {entry.actor}
          {entry.strategy && ` · ${entry.strategy.name ?? entry.strategy.strategy_id}${entry.strategy.version === null ? "" : `, version ${entry.strategy.version}`}`}
        </p>
      </header>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_320px]">
        <div className="min-w-0 max-lg:order-last">{entry.has_decision ? <StoryBody query={story} /> : <Plain detail={detail} />}</div>
        <aside className="flex flex-col gap-4 lg:sticky lg:top-5">
          {entry.has_decision && <Recompute seq={entry.seq} />}
          <Related detail={detail} onOpen={onOpen} />
          <section aria-label="Place in the chain" className="rounded-md border border-line bg-surface-1 p-4">
            <h2 className="font-semibold">Place in the chain</h2>
            <p className="mb-2 text-xs text-ink-3">
              Entry <span className="num">{entry.seq}</span>; each entry is hashed together with the one before it.
            </p>
            <dl className="flex flex-col gap-1.5">
              <Digest name="Previous entry" value={detail.prev_hash} />
              <Digest name="This entry" value={detail.entry_hash} />
              {detail.snapshot_ref && <Digest name="Recorded inputs" value={detail.snapshot_ref} />}
            </dl>
          </section>
        </aside>
      </div>
    </>
  );
}

function Plain({ detail }: { detail: HistoryDetail }) {
  return (
    <Box className="p-4">
      <h2 className="mb-1 font-semibold">{actionWords(detail.entry.action)}</h2>
      <p className="mb-3 text-xs text-ink-3">This entry is no decision of the pipeline, so there is nothing to recompute. It was recorded as:</p>
      <Json value={detail.payload} />
    </Box>
  );
}

function Related({ detail, onOpen }: { detail: HistoryDetail; onOpen: (seq: number) => void }) {
  const { entry } = detail;
  const entries = detail.related.some((other) => other.seq === entry.seq) ? detail.related : [...detail.related, entry].sort((a, b) => a.seq - b.seq);
  if (entries.length < 2) return null;
  return (
    <section aria-label="The same idea" className="rounded-md border border-line bg-surface-1 p-4">
      <h2 className="mb-2 font-semibold">The same idea</h2>
      <ol className="flex flex-col gap-0.5">
        {entries.map((other) => (
          <li key={other.seq}>
            <button
              type="button"
              title={other.words}
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

type StageOf = (number: number) => ReactNode;

/** The stages that ran, in flow order; their numbers are given where they are drawn. */
function stagesOf(story: DecisionStory): StageOf[] {
  const { evaluation, confidence, idea, verdict, sizing, plan, instrument, account } = story;
  const stages: StageOf[] = [(number) => <MarketStage key="market" story={story} number={number} />];
  if (evaluation && evaluation.indicators.length > 0) stages.push((number) => <IndicatorStage key="indicators" indicators={evaluation.indicators} number={number} />);
  if (evaluation) stages.push((number) => <ConditionStage key="conditions" evaluation={evaluation} number={number} />);
  if (confidence) {
    const isBelow = verdict?.checks.some((check) => check.code === "CONFIDENCE_BELOW_THRESHOLD" && !check.passed) ?? false;
    stages.push((number) => <ConfidenceStage key="confidence" confidence={confidence} isBelow={isBelow} number={number} />);
  }
  if (idea) stages.push((number) => <LevelsStage key="levels" idea={idea} digits={instrument.digits} number={number} />);
  if (plan) stages.push((number) => <PlanStage key="plan" plan={plan} digits={instrument.digits} number={number} />);
  if (sizing) stages.push((number) => <SizingStage key="sizing" sizing={sizing} currency={account?.currency ?? ""} number={number} />);
  if (verdict) stages.push((number) => <GateStage key="gate" verdict={verdict} number={number} />);
  stages.push((number) => <OrderStage key="order" story={story} number={number} />);
  return stages;
}

function GateStage({ verdict, number }: { verdict: NonNullable<DecisionStory["verdict"]>; number: number }) {
  const passed = verdict.checks.filter((check) => check.passed).length;
  return (
    <Stage
      number={number}
      title="The gate"
      note={
        <>
          {passed} of {verdict.checks.length} checks passed · <Badge>{humanise(verdict.outcome)}</Badge>
        </>
      }
    >
      <Box className="px-4">
        <CheckTable checks={verdict.checks} />
      </Box>
    </Stage>
  );
}

function StoryBody({ query }: { query: { data: DecisionStory | undefined; error: unknown; refetch: () => unknown } }) {
  if (query.data) return <>{stagesOf(query.data).map((stage, index) => stage(index + 1))}</>;
  if (query.error) return <ErrorState error={query.error} what="what the desk saw" onRetry={query.refetch} />;
  return <LoadingState rows={12} what="what the desk saw" />;
}
