// Confidence as the product shows it everywhere: a number with its three parts as one stacked bar, never a gauge.
import { clsx } from "clsx";
import { formatNumber } from "@/lib/format/number";
import { partWords } from "@/lib/format/words";

export interface ConfidencePart {
  code: string;
  score: number;
  maximum: number;
}

interface ConfidenceProps {
  score: number;
  threshold?: number | null | undefined;
  parts: readonly ConfidencePart[];
  size?: "compact" | "full";
}

const PART_COLOURS = ["bg-part-1", "bg-part-2", "bg-part-3"];

export function ConfidenceBar({ score, threshold, parts, size = "full" }: ConfidenceProps) {
  const total = parts.reduce((sum, part) => sum + part.maximum, 0);
  const spoken = parts.map((part) => `${partWords(part.code)} ${formatNumber(part.score, 1)} of ${part.maximum}`).join(", ");
  return (
    <div className="flex flex-col gap-1.5">
      <div
        role="img"
        aria-label={`Confidence ${formatNumber(score, 1)} of 100: ${spoken}${threshold == null ? "" : `; threshold ${threshold}`}`}
        className={clsx("relative flex gap-px", size === "full" ? "h-2" : "h-1.5")}
      >
        {parts.map((part, index) => (
          <div
            key={part.code}
            className="h-full overflow-hidden bg-surface-3 first:rounded-l-sm last:rounded-r-sm"
            style={{ width: `${(part.maximum / total) * 100}%` }}
          >
            <div
              className={clsx("h-full", PART_COLOURS[index % PART_COLOURS.length])}
              style={{ width: `${part.maximum === 0 ? 0 : Math.max(0, Math.min(1, part.score / part.maximum)) * 100}%` }}
            />
          </div>
        ))}
      </div>
      {size === "full" && (
        <dl className="flex flex-wrap gap-x-4 gap-y-0.5 text-2xs text-ink-3">
          {parts.map((part, index) => (
            <div key={part.code} className="flex items-center gap-1.5">
              <span aria-hidden className={clsx("size-2 rounded-[2px]", PART_COLOURS[index % PART_COLOURS.length])} />
              <dt>{partWords(part.code)}</dt>
              <dd className="num text-ink-2">
                {formatNumber(part.score, 1)}
                <span className="text-ink-3">/{part.maximum}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

/** The score with what it is compared with: 91 of at least 90. */
export function ConfidenceScore({ score, threshold }: { score: number; threshold?: number | null | undefined }) {
  const isBelow = threshold != null && score < threshold;
  return (
    <span className="num text-xs text-ink-3">
      <span className={clsx("text-base font-semibold", isBelow ? "text-needs" : "text-ink")}>{formatNumber(score, 1)}</span>
      {threshold != null && ` ${isBelow ? "below" : "of at least"} ${threshold}`}
    </span>
  );
}
