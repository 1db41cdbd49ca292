import { clsx } from "clsx";
import { Box, Stage } from "./stage";
import { ConfidenceBar, ConfidenceScore } from "@/components/decision/confidence";
import type { Confidence } from "@/lib/api/types";
import { formatNumber } from "@/lib/format/number";
import { partWords } from "@/lib/format/words";

interface Step {
  code: string;
  words: string;
  points: number;
  from: number;
  to: number;
}

/** Where each bar of the waterfall starts and ends on the 0–100 scale: a drawing, the points are the server's. */
function waterfall(contributions: Confidence["contributions"]): Step[] {
  let sum = 0;
  return contributions.map(({ code, words, points }) => {
    const from = sum;
    sum += points;
    return { code, words, points, from: Math.min(from, sum), to: Math.max(from, sum) };
  });
}

const signed = (points: number): string => (points > 0 ? `+${formatNumber(points, 1)}` : formatNumber(points, 1));

/** Every point of the score, part by part, as a waterfall. */
export function ConfidenceStage({ confidence, number }: { confidence: Confidence; number: number }) {
  const steps = waterfall(confidence.contributions);
  return (
    <Stage number={number} title="Confidence" note={<ConfidenceScore score={confidence.score} threshold={confidence.threshold} />}>
      <Box>
        <div className="border-b border-line px-4 py-3">
          <ConfidenceBar {...confidence} />
        </div>
        <ol>
          {confidence.contributions.map((contribution, index) => {
            const step = steps[index];
            const isFirstOfPart = index === 0 || confidence.contributions[index - 1]?.part !== contribution.part;
            return (
              <li key={`${contribution.part}-${contribution.code}`} className="grid grid-cols-[110px_minmax(0,1fr)_minmax(80px,280px)_56px] items-center gap-4 border-b border-line/60 px-4 py-1.5 text-xs last:border-0">
                <span className="text-ink-3">{isFirstOfPart && partWords(contribution.part)}</span>
                <span className={contribution.points === 0 ? "text-ink-3" : "text-ink"}>{contribution.words}</span>
                <span aria-hidden className="relative h-2 rounded-sm bg-surface-2">
                  {step && (
                    <span
                      className={clsx("absolute inset-y-0 rounded-[1px]", step.points < 0 ? "bg-down" : "bg-part-1")}
                      style={{ left: `${step.from}%`, width: `${Math.max(step.points === 0 ? 0 : 0.6, step.to - step.from)}%` }}
                    />
                  )}
                </span>
                <span className={clsx("num text-right font-medium", contribution.points < 0 ? "text-down" : contribution.points === 0 && "text-ink-3")}>{signed(contribution.points)}</span>
              </li>
            );
          })}
          <li className="grid grid-cols-[110px_minmax(0,1fr)_56px] gap-4 border-t border-line px-4 py-2 text-xs font-semibold">
            <span />
            <span>Score</span>
            <span className="num text-right">{formatNumber(confidence.score, 1)}</span>
          </li>
        </ol>
      </Box>
    </Stage>
  );
}
