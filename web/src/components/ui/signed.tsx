import { clsx } from "clsx";
import { formatSignedMoney, signOf } from "@/lib/format/number";

/** Money won or lost: sign, colour of the blue/orange pair, and the currency where asked. */
export function SignedMoney({ value, currency, className }: { value: string; currency?: string | null; className?: string }) {
  const sign = signOf(value);
  return (
    <span className={clsx("num", sign > 0 ? "text-up" : sign < 0 ? "text-down" : "text-ink-2", className)}>
      {formatSignedMoney(value, currency)}
    </span>
  );
}
