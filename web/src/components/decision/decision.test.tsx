import { render, screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { CheckSummary, CheckTable } from "./checks";
import { ConfidenceBar, ConfidenceScore } from "./confidence";
import { Side } from "./side";
import type { Check, Confidence } from "@/lib/api/types";

const CONFIDENCE: Confidence = {
  model: "v1",
  score: "86.50",
  threshold: "90",
  is_proximity: false,
  parts: [
    { part: "strategy", points: "45.00", maximum: "50" },
    { part: "market", points: "20.30", maximum: "25" },
    { part: "account", points: "21.20", maximum: "25" },
  ],
  contributions: [],
};

const CHECKS: Check[] = [
  { code: "SPREAD_TOO_WIDE", words: "the spread is normal", passed: true, observed: "28 pt", limit: "40 pt", on_fail: "deny", answered: false, blocks: false },
  { code: "NEWS_EMBARGO", words: "no high-impact news is near", passed: false, observed: "NFP in 21 min", limit: "30 min before", on_fail: "deny", answered: false, blocks: true },
  { code: "SUPERVISED_MODE", words: "the desk may act alone", passed: false, observed: "supervised", limit: "", on_fail: "ask", answered: true, blocks: false },
];

describe("confidence", () => {
  it("speaks the number with its three parts", () => {
    render(<ConfidenceBar confidence={CONFIDENCE} />);
    expect(screen.getByRole("img")).toHaveAccessibleName("Confidence 86.5 of 100: Strategy match 45 of 50, Market risk 20.3 of 25, Account comfort 21.2 of 25");
  });

  it("says what the score is compared with, as the gate judged it", () => {
    render(<ConfidenceScore confidence={CONFIDENCE} isBelow />);
    expect(screen.getByText(/below 90/)).toBeVisible();
  });

  it("never compares a proximity", () => {
    render(<ConfidenceScore confidence={{ ...CONFIDENCE, is_proximity: true }} isBelow={false} />);
    expect(screen.getByText(/compared with nothing/)).toBeVisible();
  });
});

describe("checks", () => {
  it("shows each with observed, limit and its result in words", () => {
    render(<CheckTable checks={CHECKS} />);
    const row = screen.getByRole("row", { name: /No high-impact news is near/ });
    expect(row).toHaveTextContent("NFP in 21 min");
    expect(row).toHaveTextContent("30 min before");
    expect(within(row).getByText("denies")).toBeVisible();
    expect(screen.getByText("answered by a person")).toBeVisible();
  });

  it("sums up and names every failure", () => {
    render(<CheckSummary checks={CHECKS} />);
    expect(screen.getByText("1 of 3 checks passed")).toBeVisible();
    expect(screen.getByText(/No high-impact news is near/)).toHaveTextContent("(NFP in 21 min, limit 30 min before)");
  });
});

describe("a side", () => {
  it("is a word, not only a colour", () => {
    render(<Side side="sell" />);
    expect(screen.getByText("SELL")).toBeVisible();
  });
});
