import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { closePosition } from "../api/positions";
import { Side } from "@/components/decision/side";
import { Figure } from "@/components/ui/figure";
import { HoldButton } from "@/components/ui/hold-button";
import { Sheet } from "@/components/ui/sheet";
import { SignedMoney } from "@/components/ui/signed";
import { asProblem, nextStep } from "@/lib/api/problem";
import type { Position } from "@/lib/api/types";
import { formatDecimal } from "@/lib/format/number";

interface CloseSheetProps {
  position: Position | null;
  currency: string;
  onClose: () => void;
  onOpenHistory: (seq: number) => void;
}

/** Closing only reduces exposure, so nothing blocks it; it still takes a second deliberate step. */
export function CloseSheet({ position, currency, onClose, onOpenHistory }: CloseSheetProps) {
  const queries = useQueryClient();
  const close = useMutation({
    mutationFn: (ticket: number) => closePosition(ticket),
    onSuccess: (outcome) => {
      toast.success(outcome.message, { action: { label: `History #${outcome.seq}`, onClick: () => onOpenHistory(outcome.seq) }, duration: 10_000 });
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["positions"] }),
  });
  if (!position) return null;
  const problem = close.error ? asProblem(close.error) : null;
  const dismiss = () => {
    close.reset();
    onClose();
  };
  return (
    <Sheet
      open
      onClose={dismiss}
      title={
        <span className="flex items-center gap-2">
          Close {position.symbol} <Side side={position.side} />
        </span>
      }
      description="Closes the whole position at the market. No halt, session or limit blocks a closing order."
      footer={
        <HoldButton onConfirm={() => close.mutate(position.ticket)} busy={close.isPending ? "Closing…" : undefined}>
          Hold to close {position.lots} lots {position.symbol}
        </HoldButton>
      }
    >
      <dl className="grid grid-cols-2 gap-4">
        <Figure label="Open profit now">
          <SignedMoney value={position.profit} currency={currency} className="text-lg font-semibold" />
        </Figure>
        <Figure label="In units of its risk">{position.profit_r === null ? "–" : `${formatDecimal(position.profit_r)} R`}</Figure>
        <Figure label="Opened at">{formatDecimal(position.open_price)}</Figure>
        <Figure label="Price now">{formatDecimal(position.current_price)}</Figure>
        <Figure label="Lots">{formatDecimal(position.lots)}</Figure>
        <Figure label="Ticket">
          <span className="mono">{position.ticket}</span>
        </Figure>
      </dl>
      <p className="mt-4 text-xs text-ink-3">The fill may differ from the price now by spread and slippage; the history entry shows what it was.</p>
      {problem && (
        <p role="alert" className="mt-4 rounded-md border border-halt/40 bg-halt-soft p-3 text-xs">
          {problem.message} {nextStep(problem)}
          {problem.requestId && <span className="mono block text-ink-3">request {problem.requestId}</span>}
        </p>
      )}
    </Sheet>
  );
}
