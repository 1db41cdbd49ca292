// Whether what the strip shows is alive: live, polling, or how long it has not been heard from.
import { clsx } from "clsx";
import type { PanelQuery } from "@/components/ui/panel";
import type { DeskStatus } from "@/lib/api/types";
import { useStreamState } from "@/lib/events/stream-state";
import { formatDuration } from "@/lib/format/time";
import { useWallNow } from "@/lib/wall-clock";

export function Connection({ query, status }: { query: PanelQuery<DeskStatus>; status: DeskStatus | undefined }) {
  const stream = useStreamState();
  const now = useWallNow();

  const broken = status?.connections.find((connection) => !connection.ok);
  const age = query.dataUpdatedAt === 0 ? null : formatDuration(now - query.dataUpdatedAt);
  const [text, tone] = query.error
    ? [age === null ? "Desk not reached" : `Not connected for ${age}`, "halt"]
    : broken
      ? [`${broken.name}: ${broken.message}`, "halt"]
      : stream === "live"
        ? ["Live", "calm"]
        : ["Reconnecting", "needs"];
  return (
    <span role="status" className={clsx("inline-flex items-center gap-1.5 text-xs", tone === "halt" ? "text-halt" : tone === "needs" ? "text-needs" : "text-ink-3")}>
      <span aria-hidden className={clsx("size-1.5", tone === "calm" ? "rounded-full bg-up" : tone === "needs" ? "rotate-45 bg-needs" : "bg-halt")} />
      {text}
    </span>
  );
}
