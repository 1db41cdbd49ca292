import { describe, expect, it } from "vitest";
import { lotsProblem, stepLots } from "./lots";
import { formatFraction, formatMoney, formatPoints, formatPrice, formatShort, formatSignedMoney, MISSING, signOf } from "./number";
import { formatCountdown, formatDuration, formatExact, formatRelative } from "./time";
import { actionWords, humanise, isAction } from "./words";

const THIN = "\u2009";

describe("numbers stay the strings that the server sent", () => {
  it("groups money in threes with two decimals and a true minus sign", () => {
    expect(formatMoney("100412.18", "USD")).toBe(`100${THIN}412.18 USD`);
    expect(formatMoney("-1220.4")).toBe(`−1${THIN}220.40`);
  });

  it("keeps digits that a float would lose", () => {
    expect(formatMoney("9007199254740993.25")).toBe(`9${THIN}007${THIN}199${THIN}254${THIN}740${THIN}993.25`);
  });

  it("signs gains and losses but never zero", () => {
    expect(formatSignedMoney("312.4")).toBe("+312.40");
    expect(formatSignedMoney("-0.00")).toBe("0.00");
    expect(signOf("-0.0")).toBe(0);
    expect(signOf("-0.1")).toBe(-1);
  });

  it("pads a price to its digits and never cuts it", () => {
    expect(formatPrice("1.1", 5)).toBe("1.10000");
    expect(formatPrice("4314.135", 2)).toBe("4314.135");
  });

  it("turns a fraction into a percentage by moving the point", () => {
    expect(formatFraction("0.005")).toBe(`0.50${THIN}%`);
    expect(formatFraction("-0.12345")).toBe(`−12.34${THIN}%`);
    expect(formatFraction("1", 0)).toBe(`100${THIN}%`);
    expect(formatFraction("0.6248", 0)).toBe(`62${THIN}%`);
  });

  it("cuts a score instead of rounding it over its threshold", () => {
    expect(formatShort("89.96")).toBe("89.9");
    expect(formatShort("-0.04")).toBe("0");
    expect(formatPoints("5.00")).toBe("+5");
    expect(formatPoints("-4.70")).toBe("−4.7");
  });

  it("shows unknown as unknown, never as zero", () => {
    for (const format of [formatMoney, formatSignedMoney, formatFraction, formatShort]) expect(format(null)).toBe(MISSING);
    expect(formatPrice(null, 2)).toBe(MISSING);
    expect(formatMoney("not a number")).toBe("not a number");
  });
});

describe("lots move in exact steps, only downwards", () => {
  const bounds = { minimum: "0.01", maximum: "0.52", step: "0.01" };

  it("steps without float residue", () => {
    expect(stepLots("0.30", -1, bounds)).toBe("0.29");
    expect(stepLots("0.10", -3, bounds)).toBe("0.07");
  });

  it("stays inside the bounds", () => {
    expect(stepLots("0.52", 1, bounds)).toBe("0.52");
    expect(stepLots("0.01", -1, bounds)).toBe("0.01");
  });

  it("says why lots cannot be sent", () => {
    expect(lotsProblem("0.52", bounds)).toBeNull();
    expect(lotsProblem("0.53", bounds)).toContain("At most 0.52");
    expect(lotsProblem("0.005", bounds)).toContain("steps of 0.01");
    expect(lotsProblem("0", bounds)).toContain("At least 0.01");
    expect(lotsProblem("1e1", bounds)).toContain("must be a number");
    expect(lotsProblem("3", { minimum: "2", maximum: "9", step: "2" })).toContain("steps of 2");
  });
});

describe("times", () => {
  const now = new Date("2026-01-09T13:30:00Z");

  it("is relative when recent and exact beyond a day", () => {
    expect(formatRelative(new Date("2026-01-09T13:29:55Z"), now)).toBe("just now");
    expect(formatRelative(new Date("2026-01-09T13:26:00Z"), now)).toBe("4 min ago");
    expect(formatRelative(new Date("2026-01-07T10:05:00Z"), now)).toBe("2026-01-07 10:05");
    expect(formatRelative(new Date("2026-01-09T13:40:00Z"), now)).toBe("in 10 min");
  });

  it("always names the zone of an exact time", () => {
    expect(formatExact(now)).toBe("2026-01-09 13:30:00 UTC");
  });

  it("counts down and never below zero", () => {
    expect(formatCountdown(251_200)).toBe("04:12");
    expect(formatCountdown(3_852_000)).toBe("1:04:12");
    expect(formatCountdown(-5)).toBe("00:00");
  });

  it("uses at most two units", () => {
    expect(formatDuration(12_000_000)).toBe("3 h 20 min");
    expect(formatDuration(187_200_000)).toBe("2 d 4 h");
  });
});

describe("words", () => {
  it("knows the actions of the history and nothing else", () => {
    expect(actionWords("risk_rejected")).toBe("Denied by the gate");
    expect(isAction("order_unknown")).toBe(true);
    expect(isAction("drop_table")).toBe(false);
  });

  it("reads a code it does not know", () => {
    expect(humanise("take_profit_2")).toBe("Take profit 2");
  });
});
