// The strip that never scrolls away: am I safe, in one line. Mode, market, equity, day, loss budget, clock, halt.
import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { CircleDot, OctagonX } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { statusQuery } from "../api/status";
import { useHalt } from "../hooks/use-halt";
import { Connection } from "./connection";
import { HaltBar } from "./halt-bar";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { SignedMoney } from "@/components/ui/signed";
import type { DeskStatus } from "@/lib/api/types";
import { formatFraction, formatMoney, formatSignedMoney, MISSING } from "@/lib/format/number";
import { formatClock, formatExact } from "@/lib/format/time";
import { setMarketClock, useMarketNow } from "@/lib/market-clock";

export function StatusStrip() {
  const query = useQuery(statusQuery);
  const status = query.data;
  const halt = useHalt(status !== undefined && status.halt === null);

  useEffect(() => {
    if (!status) return;
    const isRunning = status.market.state === "running";
    setMarketClock(new Date(status.market.market_at), isRunning ? status.market.speed : 0);
  }, [status]);

  return (
    <div className="shrink-0 border-b border-line bg-surface-1">
      {status?.halt && <HaltBar halt={status.halt} />}
      <header aria-label="Desk status" className="flex min-h-12 items-center gap-x-5 gap-y-1 px-4 max-md:flex-wrap max-md:gap-x-4 max-md:py-2">
        {status ? <Facts status={status} /> : <Placeholder />}
        <div className="ml-auto flex items-center gap-4">
          <Connection query={query} status={status} />
          {status && <Clock status={status} />}
          {!status?.halt && (
            <Button tone="danger" size="sm" shortcut="h" onClick={halt.run} disabled={!status || halt.isPending}>
              <OctagonX aria-hidden className="size-3.5" />
              {halt.isPending ? "Halting…" : "Halt"}
            </Button>
          )}
        </div>
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
      <div className="flex items-center gap-2">
        <ModeBadge status={status} />
        {market.simulated && (
          <Badge tone="accent" title="No real market and no real money: quotes and fills come from the simulated terminal.">
            SIMULATED <span className="num">×{market.speed}</span>
            {market.state !== "running" && ` · ${market.state}`}
          </Badge>
        )}
      </div>
      <Item label="Equity">
        {account ? (
          <>
            {formatMoney(account.equity)} <span className="text-ink-3">{account.currency}</span>
          </>
        ) : (
          <span className="text-needs">unknown</span>
        )}
      </Item>
      <Item label="Day">
        {day ? (
          <>
            <SignedMoney value={day.profit} />
            <span className="ml-1.5 text-ink-3">{formatFraction(day.profit_fraction)}</span>
          </>
        ) : (
          <span className="text-needs">unknown</span>
        )}
      </Item>
      {day && <LossBudget day={day} currency={account?.currency} />}
    </>
  );
}

function ModeBadge({ status }: { status: DeskStatus }) {
  const isHalted = status.halt !== null;
  const text = isHalted ? "HALTED" : !status.ai_trading_enabled ? "TRADING OFF" : status.mode.toUpperCase();
  return (
    <span
      className={clsx(
        "inline-flex items-center gap-1.5 text-xs font-semibold tracking-wide",
        isHalted ? "text-halt" : status.ai_trading_enabled ? "text-ink" : "text-needs",
      )}
    >
      {isHalted ? <OctagonX aria-hidden className="size-4" /> : <CircleDot aria-hidden className={clsx("size-4", status.ai_trading_enabled && "text-up")} />}
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

function LossBudget({ day, currency }: { day: NonNullable<DeskStatus["day"]>; currency: string | undefined }) {
  if (day.loss_limit === null || day.budget_free_fraction === null) {
    return (
      <Item label="Loss budget" className="max-md:hidden">
        <span className="text-needs">no daily limit set</span>
      </Item>
    );
  }
  const free = Number(day.budget_free_fraction);
  const isLow = free <= 0.25;
  const detail = `${formatSignedMoney(`-${day.loss_used}`)} of ${formatSignedMoney(`-${day.loss_limit}`, currency)} used`;
  return (
    <div title={detail} className="flex items-center gap-2">
        <div
          role="meter"
          aria-label="Daily loss budget free"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(free * 100)}
          aria-valuetext={detail}
          className="flex h-2 w-24 gap-[2px]"
        >
          {Array.from({ length: 10 }, (_, cell) => (
            <span key={cell} className={clsx("flex-1 rounded-[1px]", free * 10 > cell ? (isLow ? "bg-needs" : "bg-ink-2") : "bg-surface-3")} />
          ))}
        </div>
        <span className="num text-xs text-ink-2">
          {formatFraction(day.budget_free_fraction, 0)} <span className="text-ink-3 max-xl:hidden">of loss budget free</span>
          <span className="text-ink-3 xl:hidden">free</span>
        </span>
    </div>
  );
}

function Clock({ status }: { status: DeskStatus }) {
  const now = useMarketNow();
  const broker = new Date(now.getTime() + status.market.broker_offset_minutes * 60_000);
  return (
    <time dateTime={now.toISOString()} title={`Market time ${formatExact(now)}`} className="num text-xs text-ink-2 max-md:order-first">
      <span className="font-medium text-ink">{formatClock(now)}</span> UTC
      <span className="text-ink-3 max-md:hidden"> · broker {formatClock(broker).slice(0, 5) || MISSING}</span>
    </time>
  );
}
