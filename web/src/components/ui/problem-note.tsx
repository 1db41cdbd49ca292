import { asProblem, nextStep } from "@/lib/api/problem";

/** A refused act inside a sheet: what, why, what next, and the request id. */
export function ProblemNote({ error, title }: { error: unknown; title: string }) {
  const problem = asProblem(error);
  return (
    <div role="alert" className="mt-4 rounded-md border border-halt/40 bg-halt-soft p-3 text-xs text-ink-2">
      <p className="text-sm font-medium text-ink">{title}</p>
      <p>{problem.message}</p>
      <p>{nextStep(problem)}</p>
      <p className="mono text-ink-3">
        {problem.code}
        {problem.requestId && ` · request ${problem.requestId}`}
      </p>
    </div>
  );
}
