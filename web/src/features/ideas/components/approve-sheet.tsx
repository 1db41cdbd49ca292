// The deliberate step before money moves: lots (only downwards), what will happen in money, which questions the
// approval answers, then press and hold.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { approveIdea, previewQuery } from "../api/ideas";
import { LotsInput } from "./lots-input";
import { CheckSummary } from "@/components/decision/checks";
import { Side } from "@/components/decision/side";
import { Figure } from "@/components/ui/figure";
import { HoldButton } from "@/components/ui/hold-button";
import { Sheet } from "@/components/ui/sheet";
import { asProblem, nextStep } from "@/lib/api/problem";
import type { Idea, Preview } from "@/lib/api/types";
import { lotsProblem } from "@/lib/format/lots";
import { formatDecimal, formatFraction, formatMoney } from "@/lib/format/number";

interface ApproveSheetProps {
  idea: Idea | null;
  onClose: () => void;
  onOpenHistory: (seq: number) => void;
}

export function ApproveSheet({ idea, onClose, onOpenHistory }: ApproveSheetProps) {
  if (!idea) return null;
  return <OpenSheet key={idea.id} idea={idea} onClose={onClose} onOpenHistory={onOpenHistory} />;
}

function OpenSheet({ idea, onClose, onOpenHistory }: ApproveSheetProps & { idea: Idea }) {
  const [lots, setLots] = useState(idea.lots);
  const bounds = { minimum: idea.volume_min, maximum: idea.lots, step: idea.volume_step };
  const isSendable = lotsProblem(lots, bounds) === null;
  const preview = useQuery(previewQuery(idea.id, lots, isSendable));
  const queries = useQueryClient();
  const approve = useMutation({
    mutationFn: () => approveIdea(idea, lots),
    onSuccess: (outcome) => {
      toast.success(outcome.message, { action: { label: `History #${outcome.seq}`, onClick: () => onOpenHistory(outcome.seq) }, duration: 10_000 });
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["ideas"] }),
  });
  const problem = approve.error ? asProblem(approve.error) : null;
  return (
    <Sheet
      open
      onClose={onClose}
      title={
        <span className="flex items-center gap-2">
          Approve {idea.symbol} <Side side={idea.direction} />
        </span>
      }
      description="The gate judges once more on the newest quote and account before anything is sent."
      footer={
        <HoldButton
          onConfirm={() => approve.mutate()}
          disabled={!isSendable || preview.data?.can_approve === false}
          busy={approve.isPending ? "Sending…" : undefined}
        >
          Hold to {idea.direction === "buy" ? "buy" : "sell"} {lots} lots {idea.symbol}
        </HoldButton>
      }
    >
      <div className="flex flex-col gap-5">
        <LotsInput value={lots} bounds={bounds} onChange={setLots} disabled={approve.isPending} />
        <section aria-live="polite" className={preview.isPlaceholderData ? "opacity-60" : undefined}>
          <h3 className="mb-2 text-sm font-semibold">What will happen</h3>
          {preview.data ? <InMoney idea={idea} preview={preview.data} /> : <InMoneyPending error={preview.error} />}
        </section>
        <section>
          <h3 className="mb-2 text-sm font-semibold">What your approval answers</h3>
          <CheckSummary checks={preview.data?.checks ?? idea.checks} />
        </section>
        {problem && (
          <div role="alert" className="rounded-md border border-halt/40 bg-halt-soft p-3 text-xs">
            <p className="text-sm font-medium">Not sent: {problem.message}</p>
            <p className="text-ink-2">{nextStep(problem)}</p>
            <p className="mono text-ink-3">
              {problem.code}
              {problem.requestId && ` · request ${problem.requestId}`}
            </p>
          </div>
        )}
      </div>
    </Sheet>
  );
}

function InMoneyPending({ error }: { error: unknown }) {
  if (!error) return <p className="text-xs text-ink-3">Asking the desk…</p>;
  const problem = asProblem(error);
  return (
    <p role="alert" className="text-xs text-halt">
      {problem.message} {nextStep(problem)}
    </p>
  );
}

function InMoney({ idea, preview }: { idea: Idea; preview: Preview }) {
  const { money } = preview;
  const target = idea.take_profits.at(-1);
  return (
    <dl className="flex flex-col divide-y divide-line rounded-md border border-line">
      <Row label={`At market, about ${formatDecimal(idea.entry_price)}`} value={`${formatDecimal(preview.lots)} lots`} />
      <Row
        label={`Stop loss at ${formatDecimal(idea.stop_loss)}`}
        value={formatMoney(`-${money.risk}`, money.currency)}
        hint={`${formatFraction(money.risk_fraction)} of the account`}
        className="text-down"
      />
      {target && (
        <Row
          label={`Take profit at ${formatDecimal(target.price)}`}
          value={`+${formatMoney(money.reward, money.currency)}`}
          hint={`${formatDecimal(target.rr)} R`}
          className="text-up"
        />
      )}
      <Row label="Margin needed" value={formatMoney(money.margin, money.currency)} />
    </dl>
  );
}

function Row({ label, value, hint, className }: { label: string; value: string; hint?: string; className?: string }) {
  return (
    <Figure
      label={<span className="num text-xs">{label}</span>}
      hint={hint}
      className={`flex-row! items-baseline justify-between gap-4 px-3 py-2 [&_dd]:text-right [&_dd]:font-medium ${className ? `[&_dd]:${className}` : ""}`}
    >
      <span className={className}>{value}</span>
    </Figure>
  );
}
