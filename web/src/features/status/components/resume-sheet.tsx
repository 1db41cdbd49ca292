// The deliberate step back into trading: why it stopped, what happens next, then a typed word.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { resumeTrading, statusQuery } from "../api/status";
import { Button } from "@/components/ui/button";
import { ProblemNote } from "@/components/ui/problem-note";
import { Sheet } from "@/components/ui/sheet";
import type { DeskStatus } from "@/lib/api/types";
import { sentence } from "@/lib/format/words";

export function ResumeSheet({ status, onClose }: { status: DeskStatus; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const queries = useQueryClient();
  const { halt, can_resume: canResume } = status;
  const word = halt ? "RESUME" : "ON";
  const resume = useMutation({
    mutationFn: resumeTrading,
    onSuccess: (answer) => {
      toast.success(sentence(answer.message));
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: statusQuery.queryKey }),
  });
  const isReady = typed.trim().toUpperCase() === word && canResume;
  return (
    <Sheet
      open
      onClose={onClose}
      title={halt ? "Resume trading" : "Switch trading on"}
      description="From the next judgement on, the desk may open positions."
      footer={
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady) resume.mutate();
          }}
        >
          <label className="flex flex-col gap-1.5 text-xs text-ink-2">
            <span>
              Type <strong className="text-ink">{word}</strong> to go on
            </span>
            <input
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              disabled={!canResume}
              autoComplete="off"
              spellCheck={false}
              className="h-10 rounded-md border border-line-strong bg-surface-0 px-3 text-sm text-ink disabled:opacity-50"
            />
          </label>
          <Button type="submit" tone="primary" size="lg" disabled={!isReady || resume.isPending}>
            {resume.isPending ? "One moment…" : halt ? "Resume trading" : "Switch trading on"}
          </Button>
        </form>
      }
    >
      <dl className="flex flex-col gap-3 text-sm">
        {halt && (
          <div>
            <dt className="label">Why it was halted</dt>
            <dd>{halt.reason}</dd>
            <dd className="mono text-xs text-ink-3">{halt.code}</dd>
          </div>
        )}
        <div>
          <dt className="label">What happens next</dt>
          <dd className="text-ink-2">
            Strategies are judged on the next closed bar, and every limit is checked anew.
            {status.mode === "supervised" ? " Each idea still waits for a person." : " Ideas above the threshold are executed without asking."}
            {halt && " Ideas that the halt ended do not come back."}
          </dd>
        </div>
      </dl>
      {!canResume && (
        <p role="alert" className="mt-4 rounded-md border border-needs/40 bg-needs-soft p-3 text-xs text-ink">
          Not possible yet: {status.resume_blocked_by ?? "the cause still holds."}
        </p>
      )}
      {resume.error && <ProblemNote error={resume.error} title="Trading stays off" />}
    </Sheet>
  );
}
