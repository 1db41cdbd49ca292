// Closing only reduces exposure, so nothing blocks it; it still takes a second deliberate step.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { closePosition } from "../api/positions";
import { AllTargets } from "./targets";
import { Side } from "@/components/decision/side";
import { Figure } from "@/components/ui/figure";
import { HoldButton } from "@/components/ui/hold-button";
import { ProblemNote } from "@/components/ui/problem-note";
import { Sheet } from "@/components/ui/sheet";
import { SignedMoney } from "@/components/ui/signed";
import type { CloseAnswer, Position } from "@/lib/api/types";
import { decimalsOf } from "@/lib/format/decimals";
import { formatPrice, formatShort } from "@/lib/format/number";
import { sentence } from "@/lib/format/words";

interface CloseSheetProps {
  position: Position;
  currency: string;
  onClose: () => void;
  onOpenHistory: (seq: number) => void;
}

function announce(answer: CloseAnswer, onOpenHistory: (seq: number) => void): void {
  const action = { label: `History #${answer.history_seq}`, onClick: () => onOpenHistory(answer.history_seq) };
  const message = sentence(answer.message);
  switch (answer.outcome?.state) {
    case "accepted":
      toast.success(message, { action, duration: 10_000 });
      return;
    case undefined:
      toast(message, { description: "The order is on its way; the position disappears when it is filled.", action, duration: 10_000 });
      return;
    case "unknown":
      toast.warning(message, { description: "The outcome is being reconciled; do not send it again.", action, duration: 20_000 });
      return;
    default:
      toast.error(message, { action, duration: 20_000 });
  }
}

export function CloseSheet({ position, currency, onClose, onOpenHistory }: CloseSheetProps) {
  const queries = useQueryClient();
  const close = useMutation({
    mutationFn: () => closePosition(position.ticket),
    onSuccess: (answer) => {
      announce(answer, onOpenHistory);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["positions"] }),
  });
  const lots = formatPrice(position.lots, decimalsOf(position.volume_step ?? position.lots));
  return (
    <Sheet
      open
      onClose={onClose}
      title={
        <span className="flex items-center gap-2">
          Close {position.symbol} <Side side={position.side} />
        </span>
      }
      description="Closes the whole position at the market. No halt, session or limit blocks a closing order."
      footer={
        <HoldButton onConfirm={() => close.mutate()} busy={close.isPending ? "Closing…" : undefined}>
          Hold to close {lots} lots {position.symbol}
        </HoldButton>
      }
    >
      <dl className="grid grid-cols-2 gap-4">
        <Figure label="Open profit now">
          <SignedMoney value={position.profit} currency={currency} className="text-lg font-semibold" />
        </Figure>
        <Figure label="In units of its risk">
          <span className="text-lg">{position.profit_r === null ? "–" : `${formatShort(position.profit_r, 2)} R`}</span>
        </Figure>
        <Figure label="Opened at">{formatPrice(position.entry_price, position.digits)}</Figure>
        <Figure label="Price now">{formatPrice(position.price, position.digits)}</Figure>
        <Figure label="Lots">{lots}</Figure>
        {position.targets.length > 0 && (
          <Figure label="Targets">
            <AllTargets position={position} />
          </Figure>
        )}
        <Figure label="Ticket">
          <span className="mono">{position.ticket}</span>
        </Figure>
      </dl>
      <p className="mt-4 text-xs text-ink-3">The fill may differ from the price now by slippage; the history entry shows what it was.</p>
      {close.error && <ProblemNote error={close.error} title="Not closed" />}
    </Sheet>
  );
}
