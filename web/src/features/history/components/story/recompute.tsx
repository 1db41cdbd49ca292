// Recompute now: the same pure function over the recorded inputs, its digest beside the recorded one, and the
// first difference by stage when they are not identical.
import { useMutation } from "@tanstack/react-query";
import { CircleCheck, CircleX, RefreshCw } from "lucide-react";
import { replayDecision } from "../../api/history";
import { Button } from "@/components/ui/button";
import { asProblem, nextStep } from "@/lib/api/problem";
import type { Replay } from "@/lib/api/types";
import { humanise } from "@/lib/format/words";
import { useAction } from "@/lib/keyboard/actions";

export function Recompute({ seq }: { seq: number }) {
  const replay = useMutation({ mutationFn: () => replayDecision(seq) });
  const run = () => {
    if (!replay.isPending) replay.mutate();
  };
  useAction({ id: "decision.recompute", label: "Recompute this decision now", group: "Decision", keywords: "replay verify digest", run });
  return (
    <section aria-label="Recompute" className="rounded-md border border-line bg-surface-1 p-4">
      <div className="flex flex-col gap-3">
        <div>
          <h2 className="font-semibold">Recompute</h2>
          <p className="text-xs text-ink-3">Runs the decision again from the record alone: same inputs, same function.</p>
        </div>
        <Button tone="primary" onClick={run} disabled={replay.isPending}>
          <RefreshCw aria-hidden className={replay.isPending ? "size-3.5 animate-spin" : "size-3.5"} />
          {replay.isPending ? "Recomputing…" : "Recompute now"}
        </Button>
      </div>
      <div aria-live="polite">
        {replay.data && <Report replay={replay.data} />}
        {replay.error && (
          <p role="alert" className="mt-3 text-xs text-halt">
            {asProblem(replay.error).message} {nextStep(asProblem(replay.error))}
          </p>
        )}
      </div>
    </section>
  );
}

function Report({ replay }: { replay: Replay }) {
  const first = replay.differences[0];
  return (
    <div className="mt-3 flex flex-col gap-2.5 border-t border-line pt-3">
      {replay.identical ? (
        <p className="flex items-center gap-2 font-semibold text-up">
          <CircleCheck aria-hidden className="size-5" /> Identical{" "}
          <span className="num text-xs font-normal text-ink-3">in {replay.milliseconds.toFixed(1)} ms</span>
        </p>
      ) : (
        <p className="flex items-center gap-2 font-semibold text-halt">
          <CircleX aria-hidden className="size-5" /> Not identical
        </p>
      )}
      <dl className="flex flex-col gap-1.5">
        <Digest name="Recorded" value={replay.recorded_digest} />
        <Digest name="Recomputed" value={replay.recomputed_digest} />
      </dl>
      <p className="text-2xs text-ink-3">
        {replay.engine_version_recorded ? `Engine ${replay.engine_version_recorded}` : "Same engine"}
        {replay.engine_version_now === replay.engine_version_recorded ? " then and now" : ` then, ${replay.engine_version_now} now`}
      </p>
      {first && (
        <div className="rounded-md border border-halt/40 bg-halt-soft p-3 text-xs">
          <p>
            First difference in <strong>{humanise(first.stage)}</strong>, <code className="mono">{first.field}</code>
          </p>
          <p className="mono mt-1 break-all text-ink-2">recorded {first.recorded}</p>
          <p className="mono break-all text-ink-2">recomputed {first.recomputed}</p>
          {replay.differences.length > 1 && <p className="mt-1 text-ink-3">and {replay.differences.length - 1} more</p>}
        </div>
      )}
    </div>
  );
}

export function Digest({ name, value }: { name: string; value: string }) {
  return (
    <div className="min-w-0">
      <dt className="label">{name}</dt>
      <dd className="mono text-2xs leading-4 break-all text-ink-2 select-all">{value}</dd>
    </div>
  );
}
