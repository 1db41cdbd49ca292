import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { haltTrading } from "../api/status";
import { asProblem, nextStep } from "@/lib/api/problem";
import { sentence } from "@/lib/format/words";
import { useAction } from "@/lib/keyboard/actions";

/** Halting is immediate: one key, no question. Resuming is the deliberate step. */
export function useHalt(isOffered: boolean) {
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: () => haltTrading("halted from the desk"),
    onSuccess: (answer) => toast.success(sentence(answer.message)),
    onError: (error) => {
      const problem = asProblem(error);
      toast.error(`Could not halt: ${problem.message}`, { description: nextStep(problem), duration: 20_000 });
    },
    // A halt ends waiting ideas and cancels resting orders: everything shown may have changed.
    onSettled: () => queries.invalidateQueries(),
  });
  const run = () => {
    if (!mutation.isPending) mutation.mutate();
  };
  useAction({ id: "desk.halt", label: "Halt trading now", group: "Desk", shortcut: "h", keywords: "stop kill switch emergency", run }, isOffered);
  return { run, isPending: mutation.isPending };
}
