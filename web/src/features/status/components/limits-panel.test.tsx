import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { LimitList } from "./limits-panel";
import type { Limit, Limits } from "@/lib/api/types";

const DAILY: Limit = {
  counted_from: "100000.00",
  basis: "the higher of balance and equity at the reset",
  used: "500.00",
  left: "1500.00",
  limit: "2000.00",
  used_fraction: "0.2500",
  left_fraction: "0.7500",
  breach_equity: "98000.00",
  reached: false,
};

const LIMITS: Limits = {
  currency: "USD",
  equity: "99500.00",
  daily_loss: DAILY,
  drawdown: { ...DAILY, used: "500.00", left: "9500.00", limit: "10000.00", used_fraction: "0.0500", left_fraction: "0.9500", breach_equity: "90000.00" },
  first: "daily_loss",
  left: "1500.00",
  opening_stops_at: "1000.00",
  flattens_at: "1600.00",
  buffer: "none",
  open_risk: "400.00",
  unbounded: [],
  left_after_stops: "1100.00",
  daily_loss_reference: "higher",
  drawdown_kind: "trailing",
  drawdown_mark: "intraday_equity",
  mark: "100000.00",
  mark_locked: false,
  late: false,
  day_started_at: "2025-12-09T22:00:00Z",
  resets_at: "2025-12-10T22:00:00Z",
  reset_zone: "America/New_York+7",
  deposits_today: "0",
  deposits: "0",
  daily_target: null,
  profit_target: null,
  captured_at: "2025-12-10T12:00:00Z",
  age_seconds: 0,
};

describe("loss limits", () => {
  it("says in words what the bar shows: lost, left and where it breaches", () => {
    render(<LimitList limits={LIMITS} />);
    const meter = screen.getByRole("meter", { name: "Daily loss used" });
    expect(meter).toHaveAttribute("aria-valuenow", "25");
    expect(meter).toHaveAttribute("aria-valuetext", expect.stringContaining("1\u2009500.00 left"));
    expect(screen.getByText(/reached at equity 98\s000\.00/)).toBeVisible();
    expect(screen.getByText("nearest")).toBeVisible();
    expect(screen.getByText(/If every stop is hit now, 400\.00 more: 1\s100\.00 left/)).toBeVisible();
  });

  it("names a limit that is reached, with a mark and not by colour alone", () => {
    render(<LimitList limits={{ ...LIMITS, daily_loss: { ...DAILY, used: "2000.00", left: "0.00", used_fraction: "1.0000", reached: true } }} />);
    expect(screen.getByText("REACHED")).toBeVisible();
    expect(screen.getByRole("meter", { name: "Daily loss used" })).toHaveAttribute("aria-valuetext", expect.stringContaining("limit reached"));
  });

  it("says which limit is not set", () => {
    render(<LimitList limits={{ ...LIMITS, drawdown: null }} />);
    expect(screen.getByText("no limit set")).toBeVisible();
  });

  it("says that the loss at the stops is unknown, never zero", () => {
    render(<LimitList limits={{ ...LIMITS, open_risk: null, left_after_stops: null, unbounded: [77] }} />);
    expect(screen.getByText(/No stop on 77/)).toBeVisible();
  });

  it("shows the age of figures that are not of now", () => {
    const { rerender } = render(<LimitList limits={LIMITS} status={{ source: "last_known", age_seconds: 180 }} />);
    expect(screen.getByRole("status")).toHaveTextContent("3 min ago");
    rerender(<LimitList limits={{ ...LIMITS, age_seconds: 300 }} status={{ source: "live", age_seconds: 0 }} />);
    expect(screen.getByRole("status")).toHaveTextContent("5 min old");
    rerender(<LimitList limits={LIMITS} status={{ source: "live", age_seconds: 0 }} />);
    expect(screen.queryByRole("status")).toBeNull();
  });

  it("says what was reached today, what was paid in, and a reset that was seen late", () => {
    render(<LimitList limits={{ ...LIMITS, buffer: "soft", late: true, deposits_today: "-250.00" }} />);
    expect(screen.getByText(/opening has stopped until the new day/)).toBeVisible();
    expect(screen.getByText(/seen late/)).toBeVisible();
    expect(screen.getByText(/\u2212250\.00 paid in today/)).toBeVisible();
  });
});
