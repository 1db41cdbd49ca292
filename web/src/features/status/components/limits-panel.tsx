// How far every loss limit is: what is lost, what is left, and the equity that breaches it. The server computes all of
// it; a bar only shows a fraction that is also said in words.
import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { CircleHelp, OctagonX } from "lucide-react";
import { statusQuery } from "../api/status";
import { Badge } from "@/components/ui/badge";
import { EmptyState, Panel, PanelBody } from "@/components/ui/panel";
import { STALE_AFTER_MS } from "@/config/desk";
import type { DeskStatus, Limit, Limits } from "@/lib/api/types";
import { formatFraction, formatMoney, formatSignedMoney, signOf } from "@/lib/format/number";
import { formatDuration, formatExact, formatRelative } from "@/lib/format/time";
import { useMarketNow } from "@/lib/market-clock";

export function LimitsPanel({ className }: { className?: string }) {
  const status = useQuery(statusQuery);
  const limits = status.data?.limits;
  return (
    <Panel id="limits" title="Loss limits" className={className ?? ""} aside={limits && <Reset limits={limits} />}>
      <PanelBody
        query={status}
        what="the loss limits"
        isEmpty={(answer) => answer.limits === null}
        empty={
          <EmptyState icon={<CircleHelp />} title="Unknown">
            The broker gives no statement that can be believed, so no limit can be told. Nothing is opened meanwhile; the connection says what is wrong.
          </EmptyState>
        }
      >
        {(answer) => answer.limits && <LimitList limits={answer.limits} status={answer} />}
      </PanelBody>
    </Panel>
  );
}

function Reset({ limits }: { limits: Limits }) {
  const now = useMarketNow();
  const at = new Date(limits.resets_at);
  return (
    <time dateTime={limits.resets_at} title={`${formatExact(at)}, midnight of ${limits.reset_zone}`} className="num text-2xs text-ink-3">
      new day {formatRelative(at, now)}
    </time>
  );
}

export function LimitList({ limits, status }: { limits: Limits; status?: Pick<DeskStatus, "source" | "age_seconds"> }) {
  return (
    <div className="flex flex-col gap-2 overflow-auto px-4 py-2">
      <Age limits={limits} status={status} />
      <LimitRow name="Daily loss" limit={limits.daily_loss} isFirst={limits.first === "daily_loss"} currency={limits.currency} />
      <LimitRow name="Drawdown" limit={limits.drawdown} isFirst={limits.first === "drawdown"} currency={limits.currency} />
      <ul className="num flex flex-col gap-0.5 text-xs text-ink-3 empty:hidden">
        <Notes limits={limits} />
      </ul>
    </div>
  );
}

/** Says how old the figures are once they are: a record that repeats its last answer, or a statement of a while ago. */
function Age({ limits, status }: { limits: Limits; status: Pick<DeskStatus, "source" | "age_seconds"> | undefined }) {
  const isRepeated = status?.source === "last_known";
  const age = isRepeated ? status.age_seconds * 1000 : limits.age_seconds * 1000;
  if (!isRepeated && age <= STALE_AFTER_MS) return null;
  return (
    <p role="status" className="rounded-sm bg-needs-soft px-2 py-1 text-xs text-needs">
      {isRepeated ? "References as the record last told them" : "The account's statement is"} <span className="num">{formatDuration(age)}</span> {isRepeated ? "ago" : "old"}
    </p>
  );
}

interface LimitRowProps {
  name: string;
  limit: Limit | null;
  isFirst: boolean;
  currency: string;
}

const NEARLY = 0.75;

function LimitRow({ name, limit, isFirst, currency }: LimitRowProps) {
  if (limit === null) {
    return (
      <p className="flex items-baseline justify-between text-xs">
        <span className="font-medium text-ink-2">{name}</span>
        <span className="text-needs">no limit set</span>
      </p>
    );
  }
  const used = Number(limit.used_fraction);
  const detail = `${formatMoney(limit.used)} of ${formatMoney(limit.limit, currency)} lost, ${limit.reached ? "limit reached" : `${formatMoney(limit.left)} left`}`;
  return (
    <div>
      <p className="flex items-center gap-2 text-xs">
        <span className="font-medium text-ink-2">{name}</span>
        {limit.reached ? (
          <span className="inline-flex items-center gap-1 font-semibold text-halt">
            <OctagonX aria-hidden className="size-3.5" /> REACHED
          </span>
        ) : (
          isFirst && <Badge title="Of all limits this one is reached first on the way down.">nearest</Badge>
        )}
        <span className="num ml-auto text-ink">
          <span className="font-medium">{formatMoney(limit.left)}</span> <span className="text-ink-3">left of {formatMoney(limit.limit)}</span>
        </span>
      </p>
      <div
        role="meter"
        aria-label={`${name} used`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(used * 100)}
        aria-valuetext={detail}
        title={detail}
        className="my-1 flex h-1.5 overflow-hidden rounded-[2px] bg-surface-3"
      >
        <span className={clsx("h-full", limit.reached ? "bg-halt" : used >= NEARLY ? "bg-needs" : "bg-ink-2")} style={{ width: `${used * 100}%` }} />
      </div>
      <p className="num flex justify-between gap-3 text-2xs text-ink-3">
        <span>
          lost {formatMoney(limit.used)} ({formatFraction(limit.used_fraction, 0)})
        </span>
        <span title={`Counted from ${formatMoney(limit.counted_from)}: ${limit.basis}`} className="text-right">
          reached at equity {formatMoney(limit.breach_equity)}
        </span>
      </p>
    </div>
  );
}

const BUFFER: Record<Limits["buffer"], string> = { none: "", soft: "opening has stopped until the new day", flatten: "positions are being closed, opening has stopped until the new day" };

function Notes({ limits }: { limits: Limits }) {
  return (
    <>
      {limits.unbounded.length > 0 ? (
        <li className="text-needs">No stop on {limits.unbounded.join(", ")}: the loss at the stops is unknown</li>
      ) : (
        limits.left_after_stops !== null &&
        signOf(limits.open_risk) > 0 && (
          <li className={clsx(signOf(limits.left_after_stops) <= 0 && "text-needs")}>
            If every stop is hit now, {formatMoney(limits.open_risk)} more: {formatMoney(limits.left_after_stops)} left
          </li>
        )
      )}
      {limits.opening_stops_at !== null && (
        <li>
          Opening stops at a loss of {formatMoney(limits.opening_stops_at)}
          {limits.flattens_at !== null && `, positions are closed at ${formatMoney(limits.flattens_at)}`}
        </li>
      )}
      {limits.buffer !== "none" && <li className="font-medium text-needs">Reached today: {BUFFER[limits.buffer]}</li>}
      {limits.late && <li className="text-needs">Today's reset was seen late: the stricter reference counts</li>}
      {signOf(limits.deposits_today) !== 0 && <li>{formatSignedMoney(limits.deposits_today)} paid in today, left out of every loss</li>}
      {limits.profit_target && (
        <li>
          Target {formatMoney(limits.profit_target.target)}: {formatSignedMoney(limits.profit_target.realised)} realised ({formatFraction(limits.profit_target.reached_fraction, 0)})
        </li>
      )}
    </>
  );
}
