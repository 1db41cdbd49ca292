// Halted: a full-width bar with the first reason and the one way to resume, which is a deliberate step.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { OctagonX } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { resumeTrading, statusQuery } from "../api/status";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/sheet";
import { TimeText } from "@/components/ui/time-text";
import { asProblem, nextStep } from "@/lib/api/problem";
import type { Halt } from "@/lib/api/types";
import { useAction } from "@/lib/keyboard/actions";

const WORD = "RESUME";

export function HaltBar({ halt }: { halt: Halt }) {
  const [isOpen, setIsOpen] = useState(false);
  useAction({ id: "desk.resume", label: "Resume trading…", group: "Desk", keywords: "halt restart", run: () => setIsOpen(true) });
  return (
    <div role="alert" className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1.5 bg-[var(--halt-bar)] px-4 py-2 text-halt-ink">
      <OctagonX aria-hidden className="size-5 shrink-0" />
      <strong className="font-semibold tracking-wide">TRADING IS HALTED</strong>
      <span>{halt.message}</span>
      <span className="text-xs opacity-85">
        <TimeText at={halt.since} /> · by {halt.actor}
      </span>
      <button
        type="button"
        onClick={() => setIsOpen(true)}
        className="ml-auto h-7 rounded-md border border-current px-3 text-xs font-semibold hover:bg-white/15 focus-visible:outline-current"
      >
        Resume…
      </button>
      <ResumeSheet halt={halt} isOpen={isOpen} onClose={() => setIsOpen(false)} />
    </div>
  );
}

function ResumeSheet({ halt, isOpen, onClose }: { halt: Halt; isOpen: boolean; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const queries = useQueryClient();
  const resume = useMutation({
    mutationFn: () => resumeTrading("Resumed from the desk"),
    onSuccess: () => {
      toast.success("Trading is resumed", { description: "The next judgement may open positions again." });
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: statusQuery.queryKey }),
  });
  const problem = resume.error ? asProblem(resume.error) : null;
  return (
    <Sheet
      open={isOpen}
      onClose={() => {
        setTyped("");
        resume.reset();
        onClose();
      }}
      title="Resume trading"
      description="Ends the halt. From the next judgement on, the desk may open positions again."
      footer={
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (typed === WORD && halt.can_resume) resume.mutate();
          }}
        >
          <label className="flex flex-col gap-1.5 text-xs text-ink-2">
            <span>
              Type <strong className="text-ink">{WORD}</strong> to go on
            </span>
            <input
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              disabled={!halt.can_resume}
              autoComplete="off"
              spellCheck={false}
              className="h-10 rounded-md border border-line-strong bg-surface-0 px-3 text-sm text-ink disabled:opacity-50"
            />
          </label>
          <Button type="submit" tone="primary" size="lg" disabled={typed !== WORD || !halt.can_resume || resume.isPending}>
            {resume.isPending ? "Resuming…" : "Resume trading"}
          </Button>
        </form>
      }
    >
      <dl className="flex flex-col gap-3 text-sm">
        <div>
          <dt className="label">Why it was halted</dt>
          <dd className="text-ink">{halt.message}</dd>
          <dd className="mono text-xs text-ink-3">{halt.code}</dd>
        </div>
        <div>
          <dt className="label">What happens now</dt>
          <dd className="text-ink-2">Strategies are judged again on the next closed bar. Every limit is checked anew; ideas that the halt ended do not come back.</dd>
        </div>
      </dl>
      {!halt.can_resume && (
        <p role="alert" className="mt-4 rounded-md border border-needs/40 bg-needs-soft p-3 text-xs text-ink">
          Not possible yet: {halt.resume_blocked_reason ?? "the cause of the halt still holds."}
        </p>
      )}
      {problem && (
        <p role="alert" className="mt-4 rounded-md border border-halt/40 bg-halt-soft p-3 text-xs text-ink">
          {problem.message} {nextStep(problem)}
          {problem.requestId && <span className="mono block text-ink-3">request {problem.requestId}</span>}
        </p>
      )}
    </Sheet>
  );
}
