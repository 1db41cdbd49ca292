// The strip that never scrolls away: am I safe, in one line. Mode, market, equity, day, loss budget, clock, halt.
import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { CircleDot, CirclePause, OctagonX } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { statusQuery } from "../api/status";
import { useHalt } from "../hooks/use-halt";
import { Connection } from "./connection";
import { OffBar } from "./off-bar";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { SignedMoney } from "@/components/ui/signed";
import type { DeskStatus } from "@/lib/api/types";
import { formatFraction, formatMoney } from "@/lib/format/number";
import { formatClock, formatExact } from "@/lib/format/time";
import { setMarketClock, useMarketNow } from "@/lib/market-clock";

export function StatusStrip() {
  const query = useQuery(statusQuery);
  const status = query.data;
  const isOn = status?.ai_trading_enabled === true;
  // Offered while the state is still unknown too: halting needs to know nothing.
  const canHalt = isOn || !status;
  const halt = useHalt(canHalt);

  useEffect(() => {
    // Without a speed the market follows real time; a repeated old status must not turn the clock back.
    if (status?.source === "live") setMarketClock(new Date(status.market.market_at), status.market.speed ?? 1);
  }, [status]);

  return (
    <div className="shrink-0 border-b border-line bg-surface-1">
      {status && !isOn && <OffBar status={status} />}
      <header aria-label="Desk status" className="flex min-h-12 items-center gap-x-5 gap-y-1.5 px-4 max-md:flex-wrap max-md:py-2.5">
        {status ? <Facts status={status} /> : <Placeholder />}
        <div className="flex items-center gap-4 max-md:order-last max-md:w-full md:ml-auto">
          <Connection query={query} status={status} />
          {status && <Clock status={status} />}
        </div>
        {canHalt && (
          <Button tone="danger" size="sm" shortcut="h" onClick={halt.run} disabled={halt.isPending} className="max-md:order-2 max-md:ml-auto max-md:h-9 max-md:px-4">
            <OctagonX aria-hidden className="size-3.5" />
            {halt.isPending ? "Halting…" : "Halt"}
          </Button>
        )}
      </header>
    </div>
  );
}

function Placeholder() {
  return <div role="status" aria-label="Loading the desk's status" className="h-4 w-72 animate-pulse rounded-sm bg-surface-2" />;
}

function Facts({ status }: { status: DeskStatus }) {
  const { account, day, market } = status;
  return (
    <>
      <div className="flex items-center gap-2.5 max-md:order-1">
        <ModeMark status={status} />
        {market.simulated && (
          <Badge tone="accent" title={`No real market and no real money: ${market.label}.`}>
            SIMULATED{market.speed !== null && <span className="num">×{market.speed}</span>}
          </Badge>
        )}
      </div>
      <div className="flex items-center gap-x-5 gap-y-1 max-md:order-3 max-md:w-full max-md:flex-wrap">
        <Item label="Equity">
          {account === null ? (
            <span className="text-needs">unknown</span>
          ) : (
            <>
              {formatMoney(account.equity)} <span className="text-ink-3">{account.currency}</span>
              {account.problem !== null && <span className="ml-1.5 text-needs">{account.problem}</span>}
            </>
          )}
        </Item>
        <Item label="Day">
          {day === null ? (
            <span className="text-needs">unknown</span>
          ) : (
            <>
              <SignedMoney value={day.profit} />
              <span className="ml-1.5 font-normal text-ink-3">{formatFraction(day.profit_fraction)}</span>
            </>
          )}
        </Item>
        {day && <LossBudget day={day} currency={account?.currency} />}
      </div>
    </>
  );
}

function ModeMark({ status }: { status: DeskStatus }) {
  const isHalted = status.halt !== null;
  const [text, Icon, tone] = isHalted
    ? ["HALTED", OctagonX, "text-halt"]
    : status.ai_trading_enabled
      ? [status.mode.toUpperCase(), CircleDot, "text-ink [&>svg]:text-up"]
      : ["TRADING OFF", CirclePause, "text-needs"];
  return (
    <span className={clsx("inline-flex items-center gap-1.5 text-xs font-semibold tracking-wide", tone)}>
      <Icon aria-hidden className="size-4" />
      {text}
    </span>
  );
}

function Item({ label, children, className }: { label: string; children: ReactNode; className?: string }) {
  return (
    <div className={clsx("flex items-baseline gap-1.5", className)}>
      <span className="text-xs text-ink-3">{label}</span>
      <span className="num font-medium">{children}</span>
    </div>
  );
}

const CELLS = 10;
const LOW_CELLS = 2.5;

function LossBudget({ day, currency }: { day: NonNullable<DeskStatus["day"]>; currency: string | undefined }) {
  if (day.loss_limit === null || day.loss_free_fraction === null) {
    return (
      <Item label="Loss budget">
        <span className="text-needs">no daily limit set</span>
      </Item>
    );
  }
  const cells = Number(day.loss_free_fraction) * CELLS;
  const detail = `${formatMoney(day.loss)} of ${formatMoney(day.loss_limit, currency)} daily loss used, ${formatMoney(day.loss_free_amount, currency)} free`;
  return (
    <div title={detail} className="flex items-center gap-2">
      <div
        role="meter"
        aria-label="Daily loss budget free"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(cells * (100 / CELLS))}
        aria-valuetext={detail}
        className="flex h-2 w-24 gap-[2px]"
      >
        {Array.from({ length: CELLS }, (_, cell) => (
          <span key={cell} className={clsx("flex-1 rounded-[1px]", cells > cell ? (cells <= LOW_CELLS ? "bg-needs" : "bg-ink-2") : "bg-surface-3")} />
        ))}
      </div>
      <span className="num text-xs text-ink-2">
        {formatFraction(day.loss_free_fraction, 0)} <span className="text-ink-3 max-xl:hidden">of loss budget free</span>
        <span className="text-ink-3 xl:hidden">free</span>
      </span>
    </div>
  );
}

function Clock({ status }: { status: DeskStatus }) {
  const now = useMarketNow();
  const broker = new Date(now.getTime() + status.market.broker_offset_minutes * 60_000);
  return (
    <time dateTime={now.toISOString()} title={`Market time ${formatExact(now)}; broker clock ${status.market.broker_clock}`} className="num text-xs text-ink-2">
      <span className="font-medium text-ink">{formatClock(now)}</span> UTC
      <span className="text-ink-3"> · broker {formatClock(broker).slice(0, 5)}</span>
    </time>
  );
}
