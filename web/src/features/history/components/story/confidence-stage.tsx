import { clsx } from "clsx";
import { Box, Stage } from "./stage";
import { ConfidenceBar, ConfidenceScore } from "@/components/decision/confidence";
import type { Confidence } from "@/lib/api/types";
import { formatPoints, formatShort, signOf } from "@/lib/format/number";
import { partWords, sentence } from "@/lib/format/words";

const COLUMNS = "grid grid-cols-[120px_minmax(0,1fr)_minmax(80px,260px)_64px] max-md:grid-cols-[minmax(0,1fr)_64px] items-center gap-4 px-4 text-xs";

/** Pixels of one step of the waterfall on the 0–100 scale, from the running totals that the server sent. */
function span(before: string, after: string): { left: string; width: string } {
  const clamp = (text: string) => Math.min(100, Math.max(0, Number(text)));
  const [from, to] = [clamp(before), clamp(after)];
  return { left: `${Math.min(from, to)}%`, width: `${Math.abs(to - from)}%` };
}

/** Every point of the score, part by part, as a waterfall. */
export function ConfidenceStage({ confidence, isBelow, number }: { confidence: Confidence; isBelow: boolean; number: number }) {
  const { contributions } = confidence;
  return (
    <Stage number={number} title={confidence.is_proximity ? "Proximity" : "Confidence"} note={<ConfidenceScore confidence={confidence} isBelow={isBelow} />}>
      <Box>
        <div className="border-b border-line px-4 py-3">
          <ConfidenceBar confidence={confidence} />
        </div>
        <ol>
          {contributions.map((step, index) => {
            const previous = contributions[index - 1];
            const sign = signOf(step.points);
            return (
              <li key={`${step.part}-${step.name}`} className={clsx(COLUMNS, "border-b border-line/60 py-1.5")}>
                <span className="text-ink-3 max-md:hidden">{previous?.part !== step.part && partWords(step.part)}</span>
                <span className={sign === 0 ? "text-ink-3" : "text-ink"}>
                  {sentence(step.name)}
                  {step.observed !== "base" && <span className="num ml-2 text-ink-3">{step.observed}</span>}
                </span>
                <span aria-hidden className="relative h-2 rounded-sm bg-surface-2 max-md:hidden">
                  {sign !== 0 && (
                    <span className={clsx("absolute inset-y-0 min-w-px rounded-[1px]", sign < 0 ? "bg-down" : "bg-part-1")} style={span(previous?.running_total ?? "0", step.running_total)} />
                  )}
                </span>
                <span className={clsx("num text-right font-medium", sign < 0 ? "text-down" : sign === 0 && "text-ink-3")}>{formatPoints(step.points)}</span>
              </li>
            );
          })}
          <li className={clsx(COLUMNS, "py-2 font-semibold")}>
            <span className="max-md:hidden" />
            <span>
              Score <span className="font-normal text-ink-3">model {confidence.model}</span>
            </span>
            <span className="max-md:hidden" />
            <span className="num text-right">{formatShort(confidence.score, 2)}</span>
          </li>
        </ol>
      </Box>
    </Stage>
  );
}
