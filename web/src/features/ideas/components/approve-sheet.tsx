// The deliberate step before money moves: lots (only downwards), what will happen in money, which questions the
// approval answers, then press and hold. Every figure is the server's, judged afresh for the chosen lots.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { clsx } from "clsx";
import { useState } from "react";
import { toast } from "sonner";
import { activeIdeasQuery, approveIdea, offerQuery } from "../api/ideas";
import { LotsInput } from "./lots-input";
import { CheckSummary } from "@/components/decision/checks";
import { Side } from "@/components/decision/side";
import { HoldButton } from "@/components/ui/hold-button";
import { ProblemNote } from "@/components/ui/problem-note";
import { Sheet } from "@/components/ui/sheet";
import type { ApprovalAnswer, ApprovalOffer, Idea } from "@/lib/api/types";
import { decimalsOf } from "@/lib/format/decimals";
import { lotsProblem } from "@/lib/format/lots";
import { formatFraction, formatMoney, formatPrice } from "@/lib/format/number";
import { sentence } from "@/lib/format/words";

interface ApproveSheetProps {
  idea: Idea;
  onClose: () => void;
  onOpenHistory: (seq: number) => void;
}

const WENT_THROUGH: readonly string[] = ["auto_executed", "approved_executed", "waiting"];

function announce(answer: ApprovalAnswer, onOpenHistory: (seq: number) => void): void {
  const action = { label: `History #${answer.history_seq}`, onClick: () => onOpenHistory(answer.history_seq) };
  const isDone = WENT_THROUGH.includes(answer.status) && answer.outcome?.state !== "rejected";
  if (answer.outcome?.state === "unknown") {
    toast.warning(sentence(answer.message), { description: "The outcome is being reconciled; do not send it again.", action, duration: 20_000 });
  } else if (isDone) {
    toast.success(sentence(answer.message), { action, duration: 10_000 });
  } else {
    toast.error(sentence(answer.message), { action, duration: 20_000 });
  }
}

export function ApproveSheet({ idea, onClose, onOpenHistory }: ApproveSheetProps) {
  const decimals = decimalsOf(idea.volume_step);
  const largest = formatPrice(idea.money.lots, decimals);
  const [lots, setLots] = useState(largest);
  const bounds = { minimum: formatPrice(idea.volume_min, decimals), maximum: largest, step: idea.volume_step };
  const isAskable = lotsProblem(lots, bounds) === null;
  const offer = useQuery(offerQuery(idea.idea_id, lots, isAskable));
  const queries = useQueryClient();
  const approve = useMutation({
    mutationFn: (worstPrice: string) => approveIdea(idea, lots, worstPrice),
    onSuccess: (answer) => {
      announce(answer, onOpenHistory);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: activeIdeasQuery.queryKey }),
  });
  const current = offer.data && !offer.isPlaceholderData && !offer.error ? offer.data : null;
  const isSendable = isAskable && current?.can_approve === true;
  return (
    <Sheet
      open
      onClose={onClose}
      title={
        <span className="flex items-center gap-2">
          Approve {idea.symbol} <Side side={idea.side} />
        </span>
      }
      description="The gate judges once more on the newest quote and account before anything is sent."
      footer={
        <HoldButton onConfirm={() => current && approve.mutate(current.worst_price)} disabled={!isSendable} busy={approve.isPending ? "Sending…" : undefined}>
          {current?.can_approve === false ? "The gate says no right now" : `Hold to ${idea.side} ${formatPrice(current?.lots ?? lots, decimals)} lots ${idea.symbol}`}
        </HoldButton>
      }
    >
      <div className="flex flex-col gap-4">
        <LotsInput value={lots} bounds={bounds} onChange={setLots} disabled={approve.isPending} />
        <section aria-live="polite" aria-busy={offer.isPlaceholderData} className={clsx(offer.isPlaceholderData && "opacity-60")}>
          <h3 className="mb-2 text-sm font-semibold">What will happen</h3>
          {offer.error ? (
            <ProblemNote error={offer.error} title="The desk cannot say what would happen" />
          ) : offer.data ? (
            <>
              <InMoney idea={idea} offer={offer.data} decimals={decimals} />
              {current && formatPrice(current.lots, decimals) !== formatPrice(lots, decimals) && (
                <p className="mt-2 text-xs text-ink-2">
                  You allow up to <span className="num">{lots}</span> lots; at the price now the gate sizes <span className="num">{formatPrice(current.lots, decimals)}</span>.
                </p>
              )}
            </>
          ) : (
            <p className="text-xs text-ink-3">Asking the desk…</p>
          )}
        </section>
        <section>
          <h3 className="mb-2 text-sm font-semibold">{offer.data?.can_approve === false ? "What stands against it" : "What your approval answers"}</h3>
          <CheckSummary checks={offer.data?.checks ?? idea.checks} />
        </section>
        {approve.error && <ProblemNote error={approve.error} title="Not sent" />}
      </div>
    </Sheet>
  );
}

interface Line {
  label: string;
  value: string;
  hint?: string;
  tone?: string;
}

function linesOf(idea: Idea, offer: ApprovalOffer, decimals: number): Line[] {
  const targets = idea.take_profits.map((target) => formatPrice(target.price, idea.digits));
  return [
    { label: `${idea.side === "buy" ? "Buy" : "Sell"} at market, now ${formatPrice(offer.price, idea.digits)}`, value: `${formatPrice(offer.lots, decimals)} lots` },
    {
      label: `If the stop at ${formatPrice(idea.stop_loss, idea.digits)} is hit`,
      value: formatMoney(offer.risk_amount === null ? null : `-${offer.risk_amount}`, offer.currency),
      hint: formatFraction(offer.risk_fraction),
      tone: "text-down",
    },
    ...(targets.length > 0
      ? [
          {
            label: targets.length > 1 ? `If all targets, ${targets.join(" and ")}, are hit` : `If the target at ${targets[0]} is hit`,
            value: offer.reward_amount === null ? formatMoney(null) : `+${formatMoney(offer.reward_amount, offer.currency)}`,
            tone: "text-up",
          },
        ]
      : []),
    { label: "Margin needed", value: formatMoney(offer.margin, offer.currency) },
    { label: `No ${idea.side === "buy" ? "higher" : "lower"} than`, value: formatPrice(offer.worst_price, idea.digits) },
  ];
}

function InMoney({ idea, offer, decimals }: { idea: Idea; offer: ApprovalOffer; decimals: number }) {
  return (
    <dl className="flex flex-col divide-y divide-line rounded-md border border-line">
      {linesOf(idea, offer, decimals).map((line) => (
        <div key={line.label} className="flex items-baseline justify-between gap-4 px-3 py-2">
          <dt className="num text-xs text-ink-2">{line.label}</dt>
          <dd className={clsx("num font-medium", line.tone)}>
            {line.value}
            {line.hint && <span className="ml-2 text-xs font-normal text-ink-3">{line.hint}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
