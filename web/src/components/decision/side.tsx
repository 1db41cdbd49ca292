import { clsx } from "clsx";
import { ArrowDownRight, ArrowUpRight } from "lucide-react";

/** Buy or sell with an arrow, so that the colour never carries the meaning alone. */
export function Side({ side, className }: { side: string; className?: string }) {
  const isBuy = side === "buy" || side === "long";
  const Icon = isBuy ? ArrowUpRight : ArrowDownRight;
  return (
    <span className={clsx("inline-flex items-center gap-0.5 font-semibold", isBuy ? "text-up" : "text-down", className)}>
      <Icon aria-hidden className="size-3.5" strokeWidth={2.5} />
      {isBuy ? "BUY" : "SELL"}
    </span>
  );
}
