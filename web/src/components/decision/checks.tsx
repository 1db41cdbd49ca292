// Checks of the gate as rows: in words, observed, limit, and a mark with a shape. Failures come first in the
// short form; the full form keeps the gate's own order.
import { clsx } from "clsx";
import { Check as CheckIcon, Hand, OctagonX, UserCheck, X } from "lucide-react";
import type { Check } from "@/lib/api/types";
import { MISSING } from "@/lib/format/number";
import { sentence } from "@/lib/format/words";

const MARKS = {
  pass: { icon: CheckIcon, text: "passed", className: "text-ink-3" },
  answered: { icon: UserCheck, text: "answered by a person", className: "text-ink-2" },
  ask: { icon: Hand, text: "asks a person", className: "text-needs" },
  deny: { icon: X, text: "denies", className: "text-halt" },
  halt: { icon: OctagonX, text: "halts trading", className: "text-halt" },
};

function markOf(check: Check) {
  if (check.passed) return MARKS.pass;
  if (check.answered) return MARKS.answered;
  return check.on_fail === "ask" ? MARKS.ask : check.on_fail === "halt" ? MARKS.halt : MARKS.deny;
}

export function CheckMark({ check }: { check: Check }) {
  const { icon: Icon, text, className } = markOf(check);
  return (
    <span className={clsx("inline-flex items-center gap-1.5 whitespace-nowrap", className)}>
      <Icon aria-hidden className="size-3.5" strokeWidth={2.25} />
      <span className="text-2xs">{text}</span>
    </span>
  );
}

export function CheckTable({ checks }: { checks: readonly Check[] }) {
  return (
    <table className="w-full text-xs">
      <thead>
        <tr className="border-b border-line text-left text-2xs text-ink-3">
          <th scope="col" className="py-1.5 pr-3 font-medium">Check</th>
          <th scope="col" className="px-3 py-1.5 text-right font-medium">Observed</th>
          <th scope="col" className="px-3 py-1.5 text-right font-medium">Limit</th>
          <th scope="col" className="py-1.5 pl-3 font-medium">Result</th>
        </tr>
      </thead>
      <tbody>
        {checks.map((check) => (
          <tr key={check.code} className={clsx("border-b border-line/60 align-top last:border-0", !check.passed && "bg-surface-2/60")}>
            <th scope="row" className="py-1.5 pr-3 text-left font-normal">
              <span className={check.passed ? "text-ink-2" : "font-medium text-ink"}>{sentence(check.words)}</span>
              <span className="mono block text-2xs text-ink-3 max-lg:hidden">{check.code}</span>
            </th>
            <td className="max-w-[34ch] px-3 py-1.5 text-right text-pretty tabular-nums">
              {check.observed || MISSING}
            </td>
            <td className="max-w-[34ch] px-3 py-1.5 text-right text-pretty text-ink-3 tabular-nums">
              {check.limit || MISSING}
            </td>
            <td className="py-1.5 pl-3">
              <CheckMark check={check} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One line for a card: how many passed, and each failure in words with observed against limit. */
export function CheckSummary({ checks }: { checks: readonly Check[] }) {
  const failed = checks.filter((check) => !check.passed);
  return (
    <ul className="flex flex-col gap-1 text-xs">
      <li className="flex items-center gap-1.5 text-ink-2">
        <CheckIcon aria-hidden className="size-3.5 text-ink-3" strokeWidth={2.25} />
        <span className="num">
          {checks.length - failed.length} of {checks.length} checks passed
        </span>
      </li>
      {failed.map((check) => {
        const { icon: Icon, className } = markOf(check);
        return (
          <li key={check.code} className="flex items-start gap-1.5">
            <Icon aria-hidden className={clsx("mt-px size-3.5 shrink-0", className)} strokeWidth={2.25} />
            <span className="min-w-0 text-ink">
              {sentence(check.words)}: <span className="text-ink-2">no</span>
              {check.observed !== "" && (
                <span className="num text-ink-3">
                  {" "}
                  ({check.observed}
                  {check.limit !== "" && `, limit ${check.limit}`})
                </span>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
