// One waiting idea: what, how sure and why, which checks ask for a person, until when.
import { clsx } from "clsx";
import { Timer } from "lucide-react";
import { useEffect, useRef } from "react";
import { CheckSummary } from "@/components/decision/checks";
import { ConfidenceBar, ConfidenceScore } from "@/components/decision/confidence";
import { Side } from "@/components/decision/side";
import { Button } from "@/components/ui/button";
import { Figure } from "@/components/ui/figure";
import type { Idea } from "@/lib/api/types";
import { formatDecimal, formatFraction, formatMoney } from "@/lib/format/number";
import { formatCountdown } from "@/lib/format/time";
import { useWallNow } from "@/lib/wall-clock";

interface IdeaCardProps {
  idea: Idea;
  /** Wall time of the answer that carried the idea: the countdown starts there. */
  receivedAt: number;
  isSelected: boolean;
  isRejecting: boolean;
  onSelect: () => void;
  onApprove: () => void;
  onReject: () => void;
}

export function IdeaCard({ idea, receivedAt, isSelected, isRejecting, onSelect, onApprove, onReject }: IdeaCardProps) {
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isSelected) card.current?.scrollIntoView({ block: "nearest" });
  }, [isSelected]);

  return (
    <article
      ref={card}
      aria-label={`${idea.symbol} ${idea.direction}, confidence ${idea.confidence.score}`}
      className={clsx("animate-arrive border-b border-line border-l-2 px-4 py-3", isSelected ? "border-l-accent bg-surface-2/50" : "border-l-transparent")}
    >
      <div className="flex items-center gap-2">
        <button type="button" onClick={onSelect} aria-pressed={isSelected} className="flex items-center gap-2 rounded-sm text-base font-semibold">
          {idea.symbol} <Side side={idea.direction} className="text-sm" />
        </button>
        <span className="num text-xs text-ink-2">RR {formatDecimal(idea.rr)}</span>
        <Countdown idea={idea} receivedAt={receivedAt} />
      </div>
      {isSelected ? (
        <Details idea={idea} isRejecting={isRejecting} onApprove={onApprove} onReject={onReject} />
      ) : (
        <div className="mt-2 flex items-center gap-3">
          <span className="num text-sm font-semibold">{idea.confidence.score}</span>
          <div className="w-28">
            <ConfidenceBar {...idea.confidence} size="compact" />
          </div>
          <span className="num truncate text-xs text-ink-3">
            {idea.lots} lots · risk {formatMoney(idea.money.risk, idea.money.currency)}
          </span>
        </div>
      )}
    </article>
  );
}

function Countdown({ idea, receivedAt }: { idea: Idea; receivedAt: number }) {
  const now = useWallNow();
  const left = idea.expires_in_seconds * 1000 - (now - receivedAt);
  return (
    <span
      role="timer"
      title={`Expires ${idea.expires_at.replace("T", " ").slice(0, 19)} UTC, market time`}
      className={clsx("num ml-auto inline-flex items-center gap-1 text-xs font-medium", left < 60_000 ? "text-needs" : "text-ink-2")}
    >
      <Timer aria-hidden className="size-3.5" />
      {left <= 0 ? "expired" : `${formatCountdown(left)} left`}
    </span>
  );
}

function Details({ idea, isRejecting, onApprove, onReject }: Pick<IdeaCardProps, "idea" | "isRejecting" | "onApprove" | "onReject">) {
  const target = idea.take_profits.at(-1);
  return (
    <div className="mt-2.5 flex flex-col gap-3">
      <div className="flex flex-col gap-1.5">
        <div className="flex items-baseline justify-between">
          <span className="label">Confidence</span>
          <ConfidenceScore score={idea.confidence.score} threshold={idea.confidence.threshold} />
        </div>
        <ConfidenceBar {...idea.confidence} />
      </div>
      <dl className="grid grid-cols-3 gap-x-3 gap-y-2">
        <Figure label="Entry">{formatDecimal(idea.entry_price)}</Figure>
        <Figure label="Stop loss" className="[&_dd]:text-down">
          {formatDecimal(idea.stop_loss)}
        </Figure>
        <Figure label="Take profit" className="[&_dd]:text-up">
          {target ? formatDecimal(target.price) : "–"}
        </Figure>
        <Figure label="Lots">{formatDecimal(idea.lots)}</Figure>
        <Figure label="Risk" hint={formatFraction(idea.money.risk_fraction)}>
          {formatMoney(idea.money.risk)}
        </Figure>
        <Figure label="Reward">
          {formatMoney(idea.money.reward)} <span className="text-ink-3">{idea.money.currency}</span>
        </Figure>
      </dl>
      <div>
        <h3 className="label">
          Why <span className="font-normal">· {idea.strategy.name}</span>
        </h3>
        <p className="text-xs text-pretty text-ink-2">{idea.rationale}</p>
      </div>
      <CheckSummary checks={idea.checks} />
      <div className="flex gap-2">
        <Button tone="plain" shortcut="r" onClick={onReject} disabled={isRejecting} className="flex-1">
          {isRejecting ? "Rejecting…" : "Reject"}
        </Button>
        <Button tone="primary" shortcut="a" onClick={onApprove} className="flex-[2]">
          Approve…
        </Button>
      </div>
    </div>
  );
}
