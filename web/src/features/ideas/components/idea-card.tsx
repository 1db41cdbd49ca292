// One waiting idea: what, how sure and why, which checks ask for a person, until when.
import { clsx } from "clsx";
import { LoaderCircle, Timer } from "lucide-react";
import { useEffect, useRef } from "react";
import { CheckSummary } from "@/components/decision/checks";
import { ConfidenceBar, ConfidenceScore } from "@/components/decision/confidence";
import { Side } from "@/components/decision/side";
import { Button } from "@/components/ui/button";
import { Figure } from "@/components/ui/figure";
import type { Idea } from "@/lib/api/types";
import { decimalsOf } from "@/lib/format/decimals";
import { formatFraction, formatMoney, formatPrice, formatShort, MISSING } from "@/lib/format/number";
import { formatCountdown, formatExact } from "@/lib/format/time";
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
      aria-label={`${idea.symbol} ${idea.side}, confidence ${formatShort(idea.confidence.score)}`}
      className={clsx("animate-arrive border-b border-l-2 border-line px-4 py-3", isSelected ? "border-l-accent bg-surface-2/50" : "border-l-transparent")}
    >
      <div className="flex items-center gap-2">
        <button type="button" onClick={onSelect} aria-pressed={isSelected} className="flex items-center gap-2 rounded-sm text-base font-semibold">
          {idea.symbol} <Side side={idea.side} className="text-sm" />
        </button>
        <span className="num text-xs text-ink-2">RR {formatShort(idea.rr, 2)}</span>
        <Countdown idea={idea} receivedAt={receivedAt} />
      </div>
      {isSelected ? (
        <Details idea={idea} isRejecting={isRejecting} onApprove={onApprove} onReject={onReject} />
      ) : (
        <button type="button" tabIndex={-1} onClick={onSelect} className="mt-2 flex w-full items-center gap-3 text-left">
          <span className="num text-sm font-semibold">{formatShort(idea.confidence.score)}</span>
          <span className="w-28">
            <ConfidenceBar confidence={idea.confidence} size="compact" />
          </span>
          <span className="num truncate text-xs text-ink-3">
            {formatPrice(idea.money.lots, decimalsOf(idea.volume_step))} lots · risk {formatMoney(idea.money.risk_amount, idea.money.currency)}
          </span>
        </button>
      )}
    </article>
  );
}

function Countdown({ idea, receivedAt }: { idea: Idea; receivedAt: number }) {
  const now = useWallNow();
  if (idea.seconds_left === null) return null;
  const left = idea.seconds_left * 1000 - (now - receivedAt);
  return (
    <span
      role="timer"
      title={`Expires ${formatExact(new Date(idea.expires_at))} market time: ${idea.expiry_rule}`}
      className={clsx("num ml-auto inline-flex items-center gap-1 text-xs font-medium", left < 60_000 ? "text-needs" : "text-ink-2")}
    >
      <Timer aria-hidden className="size-3.5" />
      {left <= 0 ? "expired" : `${formatCountdown(left)} left`}
    </span>
  );
}

function Details({ idea, isRejecting, onApprove, onReject }: Pick<IdeaCardProps, "idea" | "isRejecting" | "onApprove" | "onReject">) {
  const { money, confidence, digits } = idea;
  const unit = money.currency === null ? "" : `, ${money.currency}`;
  const isBelow = idea.checks.some((check) => check.code === "CONFIDENCE_BELOW_THRESHOLD" && !check.passed);
  return (
    <div className="mt-2.5 flex flex-col gap-3">
      <div className="flex flex-col gap-1.5">
        <div className="flex items-baseline justify-between">
          <span className="label">Confidence</span>
          <ConfidenceScore confidence={confidence} isBelow={isBelow} />
        </div>
        <ConfidenceBar confidence={confidence} />
      </div>
      <dl className="grid grid-cols-3 gap-x-3 gap-y-2">
        <Figure label="Entry">{formatPrice(idea.entry, digits)}</Figure>
        <Figure label="Stop loss" className="[&_dd]:text-down">
          {formatPrice(idea.stop_loss, digits)}
        </Figure>
        <Figure label={idea.take_profits.length > 1 ? "Take profits" : "Take profit"} className="[&_dd]:text-up">
          {idea.take_profits.length === 0 && MISSING}
          {idea.take_profits.map((target) => (
            <span key={target.price} className="block">
              {formatPrice(target.price, digits)}
              {idea.take_profits.length > 1 && <span className="ml-1.5 text-xs font-normal text-ink-3">{formatFraction(target.fraction, 0)}</span>}
            </span>
          ))}
        </Figure>
        <Figure label="Lots">{formatPrice(money.lots, decimalsOf(idea.volume_step))}</Figure>
        <Figure label={`Risk${unit}`} hint={formatFraction(money.risk_fraction)}>
          {formatMoney(money.risk_amount)}
        </Figure>
        <Figure label={`Reward${unit}`}>{formatMoney(money.reward_amount)}</Figure>
      </dl>
      <div>
        <h3 className="label">
          Why <span className="font-normal">· {idea.strategy.name ?? idea.strategy.strategy_id}</span>
        </h3>
        <p className="text-xs text-pretty text-ink-2">{idea.rationale}</p>
      </div>
      <CheckSummary checks={idea.checks} />
      {idea.status === "waiting" ? (
        <p role="status" className="flex items-center gap-2 text-xs text-ink-2">
          <LoaderCircle aria-hidden className="size-3.5 animate-spin text-accent" /> Approved by the gate; the order is on its way.
        </p>
      ) : (
        <div className="flex gap-2">
          <Button shortcut="r" onClick={onReject} disabled={isRejecting} className="flex-1 max-md:h-11">
            {isRejecting ? "Rejecting…" : "Reject"}
          </Button>
          <Button tone="primary" shortcut="a" onClick={onApprove} className="flex-[2] max-md:h-11">
            Approve…
          </Button>
        </div>
      )}
    </div>
  );
}
