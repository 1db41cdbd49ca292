// "Waiting for you": the ideas that need a person. j/k move, a approves (through the sheet), r rejects.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Inbox } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import { activeIdeasQuery, rejectIdea } from "../api/ideas";
import { ApproveSheet } from "./approve-sheet";
import { IdeaCard } from "./idea-card";
import { EmptyState, Panel, PanelBody } from "@/components/ui/panel";
import { asProblem, nextStep } from "@/lib/api/problem";
import type { Idea } from "@/lib/api/types";
import { useAction } from "@/lib/keyboard/actions";

interface WaitingPanelProps {
  selectedId: string | undefined;
  /** What a person selected last; the selection may have moved on since, when that idea ended. */
  chosenId: string | undefined;
  onSelect: (idea: Idea) => void;
  onOpenHistory: (seq: number) => void;
  className?: string;
}

export function WaitingPanel({ selectedId, chosenId, onSelect, onOpenHistory, className }: WaitingPanelProps) {
  const ideas = useQuery(activeIdeasQuery);
  const items = ideas.data?.ideas ?? [];
  const index = Math.max(0, items.findIndex((idea) => idea.idea_id === selectedId));
  const selected = items[index];
  const [approvingId, setApprovingId] = useState<string | null>(null);
  const approving = items.find((idea) => idea.idea_id === approvingId && idea.status === "needs_approval") ?? null;
  const reject = useReject(onOpenHistory);

  const move = (by: number) => {
    const next = items[Math.min(items.length - 1, Math.max(0, index + by))];
    if (next) onSelect(next);
  };
  const approveSelected = () => selected && setApprovingId(selected.idea_id);
  const hasJustMoved = useHasJustMoved(selected?.idea_id, chosenId);
  const rejectSelected = () => {
    if (!selected || reject.isPending) return;
    if (hasJustMoved()) toast(`${selected.symbol} is selected now: press r again to reject it`);
    else reject.mutate(selected);
  };
  const has = selected !== undefined;
  const isOpen = selected?.status === "needs_approval";
  useAction({ id: "ideas.approve", label: `Approve ${selected?.symbol ?? ""}…`, group: "Ideas", shortcut: "a", run: approveSelected }, isOpen);
  useAction({ id: "ideas.reject", label: `Reject ${selected?.symbol ?? ""}`, group: "Ideas", shortcut: "r", run: rejectSelected }, isOpen);
  useAction({ id: "ideas.open", label: "Open the idea's decision", group: "Ideas", shortcut: "Enter", run: () => selected && onOpenHistory(selected.history_seq) }, has);
  useAction({ id: "ideas.next", label: "Next idea", group: "Ideas", shortcut: "j", run: () => move(1) }, items.length > 1);
  useAction({ id: "ideas.previous", label: "Previous idea", group: "Ideas", shortcut: "k", run: () => move(-1) }, items.length > 1);

  return (
    <Panel id="waiting" title="Waiting for you" count={items.length} className={className ?? ""}>
      <PanelBody
        query={ideas}
        what="the waiting ideas"
        isEmpty={(answer) => answer.ideas.length === 0}
        empty={
          <EmptyState icon={<Inbox />} title="Nothing waits for you">
            When every entry condition of an active strategy holds and the gate wants a person, the idea appears here with a countdown. In
            autonomous mode most ideas run without you.
          </EmptyState>
        }
      >
        {(answer) => (
          <div className="min-h-0 flex-1 overflow-y-auto">
            {answer.ideas.map((idea) => (
              <IdeaCard
                key={idea.idea_id}
                idea={idea}
                receivedAt={answer.receivedAt}
                isSelected={idea === selected}
                isRejecting={reject.isPending && reject.variables.idea_id === idea.idea_id}
                onSelect={() => onSelect(idea)}
                onApprove={() => setApprovingId(idea.idea_id)}
                onReject={() => reject.mutate(idea)}
              />
            ))}
          </div>
        )}
      </PanelBody>
      {approving && <ApproveSheet key={approving.idea_id} idea={approving} onClose={() => setApprovingId(null)} onOpenHistory={onOpenHistory} />}
    </Panel>
  );
}

const MOVED_MS = 800;

/**
 * Whether the selection moved by itself a moment ago, because the idea before it expired or was decided: a key that
 * was meant for the other idea must not hit this one.
 */
function useHasJustMoved(shownId: string | undefined, chosenId: string | undefined): () => boolean {
  const movedAt = useRef(0);
  useEffect(() => {
    movedAt.current = shownId !== undefined && shownId !== chosenId ? Date.now() : 0;
  }, [shownId, chosenId]);
  return () => Date.now() - movedAt.current < MOVED_MS;
}

function useReject(onOpenHistory: (seq: number) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (idea: Idea) => rejectIdea(idea, "rejected from the desk"),
    onSuccess: ({ history_seq: seq }, idea) =>
      toast(`${idea.symbol} ${idea.side} is rejected`, seq === null ? {} : { action: { label: `History #${seq}`, onClick: () => onOpenHistory(seq) } }),
    onError: (error) => {
      const problem = asProblem(error);
      toast.error(`Not rejected: ${problem.message}`, { description: nextStep(problem) });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: activeIdeasQuery.queryKey }),
  });
}
