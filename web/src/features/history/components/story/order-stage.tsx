import { Box, Facts, HEAD, ROW, Stage } from "./stage";
import { Side } from "@/components/decision/side";
import { Badge } from "@/components/ui/badge";
import { Json } from "@/components/ui/json";
import type { DecisionStory } from "@/lib/api/types";
import { formatDecimal } from "@/lib/format/number";
import { formatExact } from "@/lib/format/time";
import { humanise } from "@/lib/format/words";

export function LevelsStage({ story, number }: { story: DecisionStory; number: number }) {
  return (
    <Stage number={number} title="Levels" note="rounded to the tick, never towards more risk">
      <Box>
        <table className="w-full text-sm">
          <thead>
            <tr className={HEAD}>
              <th scope="col">Level</th>
              <th scope="col" className="text-right!">Price</th>
              <th scope="col">Rule behind it</th>
            </tr>
          </thead>
          <tbody>
            {story.levels.map((level) => (
              <tr key={level.name} className={ROW}>
                <td>{humanise(level.name)}</td>
                <td className="num text-right font-medium">{formatDecimal(level.price)}</td>
                <td className="text-xs text-ink-2">{level.rule}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Box>
    </Stage>
  );
}

export function SizingStage({ story, number }: { story: DecisionStory; number: number }) {
  return (
    <Stage number={number} title="Size" note={story.lots === null ? "no lots" : `${formatDecimal(story.lots)} lots`}>
      <Box>
        <Facts rows={story.sizing.map(({ name, value }) => ({ name: humanise(name), value: formatDecimal(value) }))} />
      </Box>
    </Stage>
  );
}

/** The request as it left, the broker's raw reply, and what was filled. */
export function OrderStage({ story, number }: { story: DecisionStory; number: number }) {
  if (!story.order) {
    return (
      <Stage number={number} title="Order">
        <Box>
          <p className="px-4 py-3 text-ink-2">No order was sent for this decision.</p>
        </Box>
      </Stage>
    );
  }
  return (
    <Stage number={number} title="Order and fills" note={<Badge>{humanise(story.order.status)}</Badge>}>
      <Box>
        <div className="grid divide-line max-md:divide-y md:grid-cols-2 md:divide-x">
          <div className="min-w-0 p-4">
            <h3 className="label mb-1">Request</h3>
            <Json value={story.order.request} />
          </div>
          <div className="min-w-0 p-4">
            <h3 className="label mb-1">Raw reply</h3>
            {story.order.reply === null ? <p className="text-xs text-needs">No reply recorded: the outcome is being reconciled.</p> : <Json value={story.order.reply} />}
          </div>
        </div>
        {story.fills.length > 0 && (
          <table className="w-full border-t border-line text-sm">
            <thead>
              <tr className={HEAD}>
                <th scope="col">Filled at, UTC</th>
                <th scope="col">Side</th>
                <th scope="col">Kind</th>
                <th scope="col" className="text-right!">Lots</th>
                <th scope="col" className="text-right!">Price</th>
              </tr>
            </thead>
            <tbody>
              {story.fills.map((fill) => (
                <tr key={`${fill.at}-${fill.kind}-${fill.lots}`} className={ROW}>
                  <td className="num text-xs text-ink-2">{formatExact(new Date(fill.at)).replace(" UTC", "")}</td>
                  <td>
                    <Side side={fill.side} className="text-xs" />
                  </td>
                  <td>{humanise(fill.kind)}</td>
                  <td className="num text-right">{formatDecimal(fill.lots)}</td>
                  <td className="num text-right font-medium">{formatDecimal(fill.price)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Box>
    </Stage>
  );
}
