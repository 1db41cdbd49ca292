// Levels, size, and what left the desk: the intent, each order event with its raw reply, and the fills.
import { Box, Facts, HEAD, ROW, Stage } from "./stage";
import { Side } from "@/components/decision/side";
import { Badge } from "@/components/ui/badge";
import { Json } from "@/components/ui/json";
import { SignedMoney } from "@/components/ui/signed";
import { TimeText } from "@/components/ui/time-text";
import type { DecisionStory, Fill, OrderEvent, Sizing } from "@/lib/api/types";
import { decimalsOf } from "@/lib/format/decimals";
import { formatDecimal, formatFraction, formatMoney, formatPrice, formatShort, MISSING } from "@/lib/format/number";
import { formatExact } from "@/lib/format/time";
import { actionWords, humanise } from "@/lib/format/words";

export function LevelsStage({ idea, digits, number }: { idea: NonNullable<DecisionStory["idea"]>; digits: number; number: number }) {
  return (
    <Stage number={number} title="Levels" note={`reward ${formatShort(idea.rr, 2)} times the risk · expires ${formatExact(new Date(idea.expires_at))}, ${idea.expiry_rule}`}>
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
            {idea.levels.map((level) => (
              <tr key={level.name} className={ROW}>
                <td>{humanise(level.name)}</td>
                <td className="num text-right font-medium">{formatPrice(level.price, digits)}</td>
                <td className="text-xs text-ink-2">{level.rule}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Box>
    </Stage>
  );
}

export function SizingStage({ sizing, currency, number }: { sizing: Sizing; currency: string; number: number }) {
  const rows = [
    { name: `Base, ${currency}`, value: formatMoney(sizing.base) },
    { name: "Risk fraction", value: formatFraction(sizing.risk_fraction) },
    { name: `Budget, ${currency}`, value: formatMoney(sizing.budget) },
    ...(sizing.room === null ? [] : [{ name: `Limits leave, ${currency}`, value: formatMoney(sizing.room) }]),
    { name: `Loss per lot, ${currency}`, value: formatMoney(sizing.loss_per_lot) },
    { name: "Lots", value: <strong className="font-semibold">{formatDecimal(sizing.lots)}</strong> },
    { name: "At most", value: formatDecimal(sizing.maximum_lots) },
    ...(sizing.at_most === null ? [] : [{ name: "Approved at most", value: formatDecimal(sizing.at_most) }]),
    { name: `At risk, ${currency}`, value: formatMoney(sizing.risk_amount) },
    { name: `Margin, ${currency}`, value: formatMoney(sizing.margin) },
  ];
  return (
    <Stage number={number} title="Size" note={sizing.problem ?? "budget ÷ loss per lot, rounded down to the step"}>
      <Box>
        <Facts rows={rows} />
      </Box>
    </Stage>
  );
}

export function PlanStage({ plan, digits, number }: { plan: NonNullable<DecisionStory["plan"]>; digits: number; number: number }) {
  return (
    <Stage number={number} title="Plan for the position" note={<Badge>{humanise(plan.kind)}</Badge>}>
      <Box>
        <p className="px-4 pt-3 text-ink-2">{plan.reason}</p>
        <Facts
          rows={[
            { name: "Lots", value: formatDecimal(plan.lots) },
            { name: "Stop loss", value: formatPrice(plan.stop_loss, digits) },
          ]}
        />
      </Box>
    </Stage>
  );
}

export function OrderStage({ story, number }: { story: DecisionStory; number: number }) {
  const { intent, orders, fills, instrument } = story;
  const lotDecimals = decimalsOf(instrument.volume_step);
  if (!intent && orders.length === 0 && fills.length === 0) {
    return (
      <Stage number={number} title="Order">
        <Box>
          <p className="px-4 py-3 text-ink-2">This decision sent no order.</p>
        </Box>
      </Stage>
    );
  }
  return (
    <Stage number={number} title="Order and fills" note={intent?.status && <Badge tone={intent.status === "unknown" ? "needs" : "neutral"}>{humanise(intent.status)}</Badge>}>
      <Box className="flex flex-col divide-y divide-line">
        {intent && (
          <Facts
            rows={[
              { name: "Intent", value: <span>{humanise(intent.kind)} {intent.side && <Side side={intent.side} className="text-xs" />}</span> },
              { name: "Lots", value: formatPrice(intent.lots, lotDecimals) },
              { name: "Price", value: formatPrice(intent.price, instrument.digits) },
              { name: "Stop loss", value: formatPrice(intent.stop_loss, instrument.digits) },
              { name: "Take profit", value: formatPrice(intent.take_profit, instrument.digits) },
              { name: "Not after", value: intent.not_after === null ? MISSING : formatExact(new Date(intent.not_after)) },
              { name: "Magic", value: <span className="mono">{intent.magic ?? MISSING}</span> },
              { name: "Ticket", value: <span className="mono">{intent.position_ticket ?? intent.ticket ?? MISSING}</span> },
            ]}
          />
        )}
        {orders.map((event) => (
          <OrderEventRow key={event.seq} event={event} />
        ))}
        {fills.length > 0 && <Fills fills={fills} digits={instrument.digits} lotDecimals={lotDecimals} />}
      </Box>
    </Stage>
  );
}

function OrderEventRow({ event }: { event: OrderEvent }) {
  return (
    <details className="group">
      <summary className="flex cursor-pointer items-center gap-3 px-4 py-2 hover:bg-surface-2/60">
        <span className="num text-xs text-ink-3">#{event.seq}</span>
        <span className="font-medium">{actionWords(event.action)}</span>
        <span className="min-w-0 flex-1 truncate text-xs text-ink-2">{event.words}</span>
        <TimeText at={event.occurred_at} className="num text-2xs text-ink-3" />
      </summary>
      <div className="grid gap-4 px-4 pb-4 md:grid-cols-2">
        <div className="min-w-0">
          <h3 className="label mb-1">As recorded</h3>
          <Json value={event.payload} />
        </div>
        <div className="min-w-0">
          <h3 className="label mb-1">Raw reply</h3>
          {event.raw === null ? <p className="text-xs text-ink-3">No reply belongs to this entry.</p> : <pre className="mono text-2xs whitespace-pre-wrap text-ink-2 [overflow-wrap:anywhere]">{event.raw}</pre>}
        </div>
      </div>
    </details>
  );
}

function Fills({ fills, digits, lotDecimals }: { fills: readonly Fill[]; digits: number; lotDecimals: number }) {
  return (
    <table className="w-full text-sm">
      <thead>
        <tr className={HEAD}>
          <th scope="col">Filled at, UTC</th>
          <th scope="col">Side</th>
          <th scope="col">Kind</th>
          <th scope="col" className="text-right!">Lots</th>
          <th scope="col" className="text-right!">Price</th>
          <th scope="col" className="text-right!">Net profit</th>
          <th scope="col" className="text-right!">R</th>
        </tr>
      </thead>
      <tbody>
        {fills.map((fill) => (
          <tr key={`${fill.ticket}-${fill.kind}-${fill.at}`} className={ROW}>
            <td className="num text-xs text-ink-2">{formatExact(new Date(fill.at)).replace(" UTC", "")}</td>
            <td>
              <Side side={fill.side} className="text-xs" />
            </td>
            <td>
              {humanise(fill.kind)}
              {fill.reason && <span className="ml-1.5 text-xs text-ink-3">{fill.reason}</span>}
            </td>
            <td className="num text-right">{formatPrice(fill.lots, lotDecimals)}</td>
            <td className="num text-right font-medium">{formatPrice(fill.price, digits)}</td>
            <td className="text-right">{fill.profit === null ? MISSING : <SignedMoney value={fill.profit} />}</td>
            <td className="num text-right">{formatShort(fill.r_multiple, 2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
