// Clearing what is gone at the broker: a reason for the record, then a deliberate press. Nothing is made up about its result.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { clearPosition } from "../api/positions";
import { Side } from "@/components/decision/side";
import { HoldButton } from "@/components/ui/hold-button";
import { ProblemNote } from "@/components/ui/problem-note";
import { Sheet } from "@/components/ui/sheet";
import type { LostPosition } from "@/lib/api/types";
import { sentence } from "@/lib/format/words";

interface ClearSheetProps {
  lost: LostPosition;
  onClose: () => void;
  onOpenHistory: (seq: number) => void;
}

export function ClearSheet({ lost, onClose, onOpenHistory }: ClearSheetProps) {
  const [reason, setReason] = useState("");
  const queries = useQueryClient();
  const clear = useMutation({
    mutationFn: () => clearPosition(lost.ticket, reason.trim()),
    onSuccess: (answer) => {
      const seq = answer.history_seq;
      toast.success(sentence(answer.message), seq === null ? {} : { action: { label: `History #${seq}`, onClick: () => onOpenHistory(seq) }, duration: 10_000 });
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["positions"] }),
  });
  return (
    <Sheet
      open
      onClose={onClose}
      title={
        <span className="flex items-center gap-2">
          Clear {lost.symbol} <Side side={lost.side} />
        </span>
      }
      description="Takes the position out of the book. Refused while the broker holds it, or has deals that closed it."
      footer={
        <HoldButton onConfirm={() => clear.mutate()} disabled={reason.trim() === ""} busy={clear.isPending ? "Clearing…" : undefined}>
          Hold to clear ticket {lost.ticket}
        </HoldButton>
      }
    >
      <label className="flex flex-col gap-1.5 text-xs text-ink-2">
        What happened to it, for the record
        <textarea value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} rows={4} className="rounded-md border border-line-strong bg-surface-0 p-3 text-sm text-ink" />
      </label>
      <p className="mt-4 text-xs text-ink-3">Its result is not known and stays out of every statistic; the account's balance shows what it was. The history keeps your name and your reason.</p>
      {clear.error && <ProblemNote error={clear.error} title="Not cleared" />}
    </Sheet>
  );
}
