// The targets of a position, those taken marked by a tick, and the rule that acts on it next; the server says which.
import { Check } from "lucide-react";
import type { Position } from "@/lib/api/types";
import { formatPrice } from "@/lib/format/number";
import { sentence } from "@/lib/format/words";

/** The target that comes next, and how many of all are taken: what fits a row. */
export function NextTarget({ position }: { position: Position }) {
  const { targets } = position;
  const next = targets.find((target) => !target.taken);
  if (next === undefined) return <>{formatPrice(position.take_profit, position.digits)}</>;
  const taken = targets.filter((target) => target.taken).length;
  return (
    <span title={`${taken} of ${targets.length} targets taken`}>
      {formatPrice(next.price, position.digits)}
      <span className="text-2xs text-ink-3">
        {" "}
        {taken}/{targets.length}
        <Check aria-label="taken" className="ml-0.5 inline size-3" />
      </span>
    </span>
  );
}

/** Every target with the lots that close there; the last one lies with the broker. */
export function AllTargets({ position }: { position: Position }) {
  return (
    <ul>
      {position.targets.map((target) => (
        <li key={target.price} className={target.taken ? "text-ink-3" : ""}>
          {formatPrice(target.price, position.digits)}
          <span className="text-xs text-ink-3">{target.taken ? " taken" : target.lots === null ? " the rest" : ` ${target.lots} lots`}</span>
        </li>
      ))}
    </ul>
  );
}

/** What the desk does next with the position, in words with its price or time; empty where nothing is ahead. */
export function nextWords(position: Position): string {
  const step = position.ahead[0];
  if (step === undefined) return "";
  if (step.price !== null) return `${sentence(step.words)} ${formatPrice(step.price, position.digits)}`;
  if (step.at !== null) return `${sentence(step.words)} ${step.at.slice(5, 16).replace("T", " ")}`;
  return `${sentence(step.words)}, next bar`;
}
