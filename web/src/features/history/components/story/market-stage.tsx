import { useMemo } from "react";
import { Box, Facts, Stage } from "./stage";
import { CandleChart, type ChartLine } from "@/components/charts/candle-chart";
import type { DecisionStory } from "@/lib/api/types";
import { formatDecimal } from "@/lib/format/number";
import { formatExact } from "@/lib/format/time";
import { humanise } from "@/lib/format/words";

function kindOf(name: string): ChartLine["kind"] {
  if (name.includes("stop")) return "stop";
  return name.includes("profit") || name.includes("target") ? "target" : "entry";
}

/** What the desk saw: closed bars up to that moment, the quote it could execute at, the instrument, the account. */
export function MarketStage({ story, number }: { story: DecisionStory; number: number }) {
  const bars = useMemo(
    () => story.bars.map(({ start_at, open, high, low, close }) => ({ time: Date.parse(start_at) / 1000, open, high, low, close })),
    [story.bars],
  );
  const lines = useMemo(() => story.levels.map(({ name, price }) => ({ id: name, price, title: humanise(name), kind: kindOf(name) })), [story.levels]);
  const digits = (story.bars.at(-1)?.close.split(".")[1] ?? "").length;
  const facts = [
    ...(story.quote
      ? [
          { name: "Bid", value: formatDecimal(story.quote.bid) },
          { name: "Ask", value: formatDecimal(story.quote.ask) },
          { name: "Spread", value: `${formatDecimal(story.quote.spread_points)} pt` },
          { name: "Quote at", value: <time dateTime={story.quote.at}>{formatExact(new Date(story.quote.at))}</time> },
        ]
      : [{ name: "Quote", value: <span className="text-needs">none</span> }]),
    ...story.instrument.map(({ name, value }) => ({ name: humanise(name), value: formatDecimal(value) })),
  ];
  return (
    <Stage number={number} title="What the desk saw" note={`as of ${formatExact(new Date(story.as_of))}`}>
      <Box>
        <div className="relative h-64 border-b border-line">
          <CandleChart bars={bars} digits={digits} lines={lines} viewKey={String(story.seq)} label={`${story.symbol} ${story.timeframe} closed bars up to ${story.as_of}`} />
          <span className="pointer-events-none absolute top-2 left-4 text-2xs text-ink-3">
            {story.symbol} · {story.timeframe} · {story.bars.length} closed bars · bid · UTC
          </span>
        </div>
        <Facts rows={facts} />
        {story.account.length > 0 && (
          <div className="border-t border-line">
            <Facts rows={story.account.map(({ name, value }) => ({ name: humanise(name), value: formatDecimal(value) }))} />
          </div>
        )}
      </Box>
    </Stage>
  );
}
