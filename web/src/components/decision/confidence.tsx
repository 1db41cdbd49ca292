// Confidence as the product shows it everywhere: a number with its three parts as one stacked bar, never a gauge.
// Scores are strings from the server; they become floats for widths in pixels and nothing else.
import { clsx } from "clsx";
import type { Confidence } from "@/lib/api/types";
import { formatShort } from "@/lib/format/number";
import { partWords } from "@/lib/format/words";

const PART_COLOURS = ["bg-part-1", "bg-part-2", "bg-part-3"];

interface ConfidenceBarProps {
  confidence: Confidence;
  size?: "compact" | "full";
}

function share(part: string, whole: string): number {
  const fraction = Number(part) / Number(whole);
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) * 100 : 0;
}

/** The three parts side by side, each as wide as its maximum and filled as far as it was earned. */
export function ConfidenceBar({ confidence, size = "full" }: ConfidenceBarProps) {
  const { parts } = confidence;
  const columns = { gridTemplateColumns: parts.map((part) => `minmax(0, ${part.maximum}fr)`).join(" ") };
  const spoken = parts.map((part) => `${partWords(part.part)} ${formatShort(part.points)} of ${part.maximum}`).join(", ");
  return (
    <div>
      <div
        role="img"
        aria-label={`Confidence ${formatShort(confidence.score)} of 100: ${spoken}`}
        style={columns}
        className={clsx("grid gap-px", size === "full" ? "h-2" : "h-1.5")}
      >
        {parts.map((part, index) => (
          <div key={part.part} className="h-full overflow-hidden bg-surface-3 first:rounded-l-sm last:rounded-r-sm">
            <div className={clsx("h-full", PART_COLOURS[index % PART_COLOURS.length])} style={{ width: `${share(part.points, part.maximum)}%` }} />
          </div>
        ))}
      </div>
      {size === "full" && (
        <dl style={columns} className="mt-1.5 grid gap-px text-2xs">
          {parts.map((part) => (
            <div key={part.part} className="min-w-0">
              <dt className="truncate text-ink-3">{partWords(part.part)}</dt>
              <dd className="num text-ink-2">
                {formatShort(part.points)} <span className="text-ink-3">of {part.maximum}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

/** The score with what it is compared with; whether it is below is the gate's word, not the browser's. */
export function ConfidenceScore({ confidence, isBelow }: { confidence: Confidence; isBelow: boolean }) {
  return (
    <span className="num text-xs text-ink-3">
      <span className={clsx("text-base font-semibold", isBelow ? "text-needs" : "text-ink")}>{formatShort(confidence.score)}</span>
      {confidence.is_proximity ? " proximity, compared with nothing" : ` ${isBelow ? "below" : "of at least"} ${formatShort(confidence.threshold)}`}
    </span>
  );
}
