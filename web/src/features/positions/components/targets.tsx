// The targets of a position, those taken marked by a tick, and the rule that acts on it next; the server says which.
import { Check } from "lucide-react";
import type { Position } from "@/lib/api/types";
import { formatPrice } from "@/lib/format/number";
import { sentence } from "@/lib/format/words";

export function Targets({ position }: { position: Position }) {
  if (position.targets.length === 0) return <>{formatPrice(position.take_profit, position.digits)}</>;
  return (
    <span className="inline-flex flex-wrap justify-end gap-x-2">
      {position.targets.map((target) => (
        <span key={target.price} className={target.taken ? "inline-flex items-center gap-0.5 text-ink-3" : ""} title={target.lots === null ? undefined : `${target.lots} lots close here`}>
          {target.taken && <Check aria-label="taken" className="size-3" />}
          {formatPrice(target.price, position.digits)}
        </span>
      ))}
    </span>
  );
}

/** What the desk does next with the position, in words with its price or time; empty where nothing is ahead. */
export function nextWords(position: Position): string {
  const step = position.ahead[0];
  if (step === undefined) return "";
  if (step.price !== null) return `${sentence(step.words)} at ${formatPrice(step.price, position.digits)}`;
  if (step.at !== null) return `${sentence(step.words)}, ${step.at.slice(5, 16).replace("T", " ")}`;
  return `${sentence(step.words)} with the next bar`;
}
