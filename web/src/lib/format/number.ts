// Formats numbers for people: text in, text out. Prices, lots and money arrive as decimal strings and stay
// strings: nothing here computes with them, it only groups digits, signs them and attaches units.

const GROUP = "\u2009"; // thin space; numbers never wrap, see `num` in the style sheet
const MINUS = "\u2212";
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;

export const MISSING = "–";

interface Parts {
  negative: boolean;
  whole: string;
  fraction: string;
}

function parts(text: string): Parts | null {
  const match = DECIMAL.exec(text.trim());
  if (!match) return null;
  const whole = match[2] ?? "0";
  const fraction = match[3] ?? "";
  const isZero = !/[1-9]/.test(whole + fraction);
  return { negative: match[1] === "-" && !isZero, whole: whole.replace(/^0+(?=\d)/, ""), fraction };
}

function grouped(digits: string): string {
  return digits.length <= 4 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, GROUP);
}

/** A decimal string grouped in threes with a true minus sign; text that is no decimal comes back unchanged. */
export function formatDecimal(value: string | null | undefined): string {
  if (value == null || value === "") return MISSING;
  const p = parts(value);
  if (!p) return value;
  return `${p.negative ? MINUS : ""}${grouped(p.whole)}${p.fraction ? `.${p.fraction}` : ""}`;
}

/** Money: always grouped, two decimals; further ones are cut, never rounded up. */
export function formatMoney(value: string | null | undefined, currency?: string | null): string {
  if (value == null || value === "") return MISSING;
  const p = parts(value);
  if (!p) return value;
  const fraction = p.fraction.slice(0, 2).padEnd(2, "0");
  const digits = p.whole.replace(/\B(?=(\d{3})+$)/g, GROUP);
  return `${p.negative ? MINUS : ""}${digits}.${fraction}${currency ? ` ${currency}` : ""}`;
}

/** Money whose sign is the message: +312.40 or −212.40; zero has no sign. */
export function formatSignedMoney(value: string | null | undefined, currency?: string | null): string {
  if (value == null || value === "") return MISSING;
  return signOf(value) > 0 ? `+${formatMoney(value.replace(/^\+/, ""), currency)}` : formatMoney(value, currency);
}

/** −1, 0 or 1 by reading the text; 0 for anything that is no decimal. */
export function signOf(value: string | null | undefined): -1 | 0 | 1 {
  const p = value == null ? null : parts(value);
  if (!p || !/[1-9]/.test(p.whole + p.fraction)) return 0;
  return p.negative ? -1 : 1;
}

/** A fraction (0.0125) as a percentage (1.25 %), by moving the decimal point; digits beyond `decimals` are cut. */
export function formatFraction(value: string | null | undefined, decimals = 2): string {
  if (value == null || value === "") return MISSING;
  const p = parts(value);
  if (!p) return value;
  const fraction = p.fraction.padEnd(2, "0");
  const whole = `${p.whole}${fraction.slice(0, 2)}`.replace(/^0+(?=\d)/, "");
  const rest = fraction.slice(2, 2 + decimals).padEnd(decimals, "0");
  return `${p.negative ? MINUS : ""}${grouped(whole)}${rest ? `.${rest}` : ""}${GROUP}%`;
}

/** A price or lots with at least `decimals` decimals: zeros are added, digits never cut. */
export function formatPrice(value: string | null | undefined, decimals: number | null | undefined): string {
  if (value == null || value === "") return MISSING;
  const p = parts(value);
  if (!p) return value;
  const fraction = p.fraction.padEnd(decimals ?? 0, "0");
  return `${p.negative ? MINUS : ""}${grouped(p.whole)}${fraction ? `.${fraction}` : ""}`;
}

/** A decimal string cut (never rounded up) to at most `decimals` decimals, without trailing zeros. */
export function formatShort(value: string | null | undefined, decimals = 1): string {
  if (value == null || value === "") return MISSING;
  const p = parts(value);
  if (!p) return value;
  const fraction = p.fraction.slice(0, decimals).replace(/0+$/, "");
  const isZero = !/[1-9]/.test(p.whole + fraction);
  return `${p.negative && !isZero ? MINUS : ""}${grouped(p.whole)}${fraction ? `.${fraction}` : ""}`;
}

/** Points of a contribution: signed, at most two decimals. */
export function formatPoints(value: string): string {
  return signOf(value) > 0 ? `+${formatShort(value, 2)}` : formatShort(value, 2);
}
