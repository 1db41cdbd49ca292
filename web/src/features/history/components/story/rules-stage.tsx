import { clsx } from "clsx";
import { Check, X } from "lucide-react";
import { Box, HEAD, ROW, Stage } from "./stage";
import type { Condition, DecisionStory, Indicator } from "@/lib/api/types";
import { formatDecimal, formatShort } from "@/lib/format/number";

/** Indicators with their parameters and how much history they had. */
export function IndicatorStage({ indicators, number }: { indicators: readonly Indicator[]; number: number }) {
  return (
    <Stage number={number} title="Indicators" note="last closed bar">
      <Box>
        <table className="w-full text-sm">
          <thead>
            <tr className={HEAD}>
              <th scope="col">Name</th>
              <th scope="col">Formula</th>
              <th scope="col" className="text-right!">Value</th>
              <th scope="col" className="text-right!">Bar before</th>
              <th scope="col" className="text-right!">Bars used</th>
              <th scope="col">Unit</th>
            </tr>
          </thead>
          <tbody>
            {indicators.map((reading) => (
              <tr key={reading.name} className={ROW}>
                <td className="mono">{reading.name}</td>
                <td className="num text-ink-2">
                  {reading.kind.toUpperCase()} {reading.parameters}
                </td>
                <td className="num text-right font-medium">{formatDecimal(reading.value)}</td>
                <td className="num text-right text-ink-3">{formatDecimal(reading.previous)}</td>
                <td className="num text-right text-ink-2">
                  {reading.bars_used} <span className="text-ink-3">of at least {reading.minimum_window}</span>
                </td>
                <td className="text-xs whitespace-nowrap text-ink-3">{reading.unit}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Box>
    </Stage>
  );
}

const SECTIONS = [
  ["entry", "Entry", "all must hold"],
  ["exit", "Exit", "any would forbid"],
  ["strong", "Strong", "each adds"],
  ["weak", "Weak", "each takes away"],
  ["invalidation", "Invalidations", "any prevents the idea"],
  ["forbidden", "Forbidden", "any forbids opening"],
] as const;

/** Every condition with both operands and its result. */
export function ConditionStage({ evaluation, number }: { evaluation: NonNullable<DecisionStory["evaluation"]>; number: number }) {
  const { conditions } = evaluation;
  const entry = conditions.filter((condition) => condition.section === "entry" && condition.depth === 0);
  const held = entry.filter((condition) => condition.holds).length;
  return (
    <Stage number={number} title="Conditions" note={evaluation.refusal ?? `${held} of ${entry.length} entry conditions held on ${evaluation.bars_used} closed bars`}>
      <Box>
        <table className="w-full text-sm">
          <thead>
            <tr className={HEAD}>
              <th scope="col" className="w-32">Part</th>
              <th scope="col">Condition</th>
              <th scope="col">Operands</th>
              <th scope="col" className="w-28">Result</th>
            </tr>
          </thead>
          <tbody>
            {SECTIONS.flatMap(([section, title, meaning]) =>
              conditions
                .filter((condition) => condition.section === section)
                .map((condition, index) => (
                  <tr key={condition.pointer} className={ROW}>
                    <td className="text-xs">
                      {index === 0 && (
                        <>
                          <span className="font-medium">{title}</span> <span className="block text-2xs text-ink-3">{meaning}</span>
                        </>
                      )}
                    </td>
                    <td className={clsx("mono", condition.depth > 0 && "text-ink-2")} style={{ paddingLeft: condition.depth > 0 ? `${condition.depth * 1.25 + 1}rem` : undefined }}>
                      {condition.text}
                    </td>
                    <td className="text-xs">
                      <Operands condition={condition} />
                    </td>
                    <td>
                      <Held condition={condition} />
                    </td>
                  </tr>
                )),
            )}
          </tbody>
        </table>
      </Box>
    </Stage>
  );
}

const PREVENTING: ReadonlySet<string> = new Set(["exit", "invalidation", "forbidden"]);
const IS_NUMBER = /^-?[\d.]+$/;

function Operands({ condition }: { condition: Condition }) {
  return (
    <span className="flex flex-wrap gap-x-4 gap-y-0.5">
      {condition.operands.map((operand) => (
        <span key={operand.text} className="num">
          {!IS_NUMBER.test(operand.text) && <span className="mono mr-1 text-ink-3">{operand.text}</span>}
          <span className="font-medium" title={operand.previous === null ? undefined : `bar before: ${formatDecimal(operand.previous)}`}>
            {IS_NUMBER.test(operand.text) ? formatShort(operand.value, 9) : formatDecimal(operand.value)}
          </span>
        </span>
      ))}
    </span>
  );
}

function Held({ condition }: { condition: Condition }) {
  // Members of a group only explain it: what they come to is judged at the group.
  const isBad = condition.depth === 0 && (condition.section === "entry" ? !condition.holds : PREVENTING.has(condition.section) && condition.holds);
  const Icon = condition.holds ? Check : X;
  return (
    <span className={clsx("inline-flex items-center gap-1.5 text-2xs whitespace-nowrap", isBad ? "text-halt" : "text-ink-3")}>
      <Icon aria-hidden className="size-3.5" strokeWidth={2.25} />
      {condition.unknown ? "unknown: does not hold" : condition.holds ? "held" : "did not hold"}
    </span>
  );
}
