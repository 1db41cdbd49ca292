// Whether what the strip shows is alive: live, reconnecting, which part is down, or how old the last answer is.
import { clsx } from "clsx";
import type { PanelQuery } from "@/components/ui/panel";
import type { DeskStatus } from "@/lib/api/types";
import { useStreamState } from "@/lib/events/stream-state";
import { formatDuration } from "@/lib/format/time";
import { useWallNow } from "@/lib/wall-clock";

type Tone = "calm" | "needs" | "halt";

const TEXT: Record<Tone, string> = { calm: "text-ink-3", needs: "text-needs", halt: "text-halt" };
const SHAPE: Record<Tone, string> = { calm: "rounded-full bg-up", needs: "rotate-45 bg-needs", halt: "bg-halt" };

/** Past this time without a word the figures beside it are history, whatever the stream believes. */
const SILENT_AFTER_MS = 12_000;

/** What is wrong in the desk itself, worst first; null when all is well. */
function complaint(status: DeskStatus): [string, Tone] | null {
  const { record, broker, calendar, reconciled, quotes } = status.health;
  if (status.source === "last_known") return [`Record down: shown as of ${formatDuration(status.age_seconds * 1000)} ago`, "halt"];
  if (record.state !== "ok") return [`Record ${record.state}`, "halt"];
  if (broker.state !== "ok") return [`Broker ${broker.state}`, "halt"];
  if (!reconciled) return [status.health.reconcile_problem === null ? "Reconciling with the broker" : "Book and broker differ", "needs"];
  const stale = quotes.filter((quote) => quote.state === "down").length;
  if (stale > 0) return [`${stale} of ${quotes.length} quotes down`, "needs"];
  if (calendar.state === "down" || calendar.state === "stale") return [`Calendar ${calendar.state}`, "needs"];
  return null;
}

function silence(milliseconds: number): [string, Tone] {
  return [`No answer for ${formatDuration(milliseconds)}`, "halt"];
}

export function Connection({ query, status }: { query: PanelQuery<DeskStatus>; status: DeskStatus | undefined }) {
  const stream = useStreamState();
  const now = useWallNow();
  const silentFor = query.dataUpdatedAt === 0 ? 0 : now - query.dataUpdatedAt;
  const found = silentFor > SILENT_AFTER_MS ? silence(silentFor) : status && complaint(status);
  const [text, tone]: [string, Tone] = query.error
    ? [query.dataUpdatedAt === 0 ? "Desk not reached" : `Not connected for ${formatDuration(now - query.dataUpdatedAt)}`, "halt"]
    : (found ?? (stream === "live" ? ["Live", "calm"] : ["Reconnecting", "needs"]));
  const detail = status ? [status.health.record.detail, status.health.broker.detail, status.health.reconcile_problem].filter((part) => part !== null).join("; ") : "";
  return (
    <span role="status" title={detail || undefined} className={clsx("inline-flex items-center gap-1.5 text-xs", TEXT[tone])}>
      <span aria-hidden className={clsx("size-1.5", SHAPE[tone])} />
      {text}
    </span>
  );
}
