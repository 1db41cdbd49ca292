// Steps a lots input on exact decimals (scaled integers, no floats). This moves an input field between the
// bounds the server gave; what the lots mean in money is always asked from the server.

import { decimalsOf } from "./decimals";

interface Scaled {
  units: bigint;
  decimals: number;
}

function scale(value: string, decimals: number): bigint | null {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(value.trim());
  if (!match) return null;
  const fraction = match[2] ?? "";
  if (fraction.length > decimals && /[1-9]/.test(fraction.slice(decimals))) return null;
  return BigInt((match[1] ?? "0") + fraction.slice(0, decimals).padEnd(decimals, "0"));
}

function render({ units, decimals }: Scaled): string {
  const digits = units.toString().padStart(decimals + 1, "0");
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

export interface LotBounds {
  minimum: string;
  maximum: string;
  step: string;
}

/** The next lots `steps` away (negative is down), held inside the bounds; null when `value` is no decimal. */
export function stepLots(value: string, steps: number, bounds: LotBounds): string | null {
  const decimals = Math.max(decimalsOf(bounds.step), decimalsOf(bounds.minimum), decimalsOf(bounds.maximum), decimalsOf(value));
  const now = scale(value, decimals);
  const minimum = scale(bounds.minimum, decimals);
  const maximum = scale(bounds.maximum, decimals);
  const step = scale(bounds.step, decimals);
  if (now === null || minimum === null || maximum === null || step === null) return null;
  const wanted = now + BigInt(steps) * step;
  const units = wanted < minimum ? minimum : wanted > maximum ? maximum : wanted;
  return render({ units, decimals });
}

/** Why `value` cannot be sent, in words, or null when it can. */
export function lotsProblem(value: string, bounds: LotBounds): string | null {
  const decimals = Math.max(decimalsOf(bounds.step), decimalsOf(bounds.minimum), decimalsOf(bounds.maximum));
  const units = scale(value, decimals);
  const minimum = scale(bounds.minimum, decimals);
  const maximum = scale(bounds.maximum, decimals);
  const step = scale(bounds.step, decimals);
  if (units === null || minimum === null || maximum === null || step === null) {
    return `Lots must be a number in steps of ${bounds.step}.`;
  }
  if (units > maximum) return `At most ${bounds.maximum} lots: the gate sized this idea, lots only go down.`;
  if (units < minimum) return `At least ${bounds.minimum} lots, the broker's minimum.`;
  if (step > 0n && (units - minimum) % step !== 0n) return `Lots go in steps of ${bounds.step}.`;
  return null;
}
