import { Minus, Plus } from "lucide-react";
import { useId } from "react";
import { lotsProblem, stepLots, type LotBounds } from "@/lib/format/lots";

interface LotsInputProps {
  value: string;
  bounds: LotBounds;
  disabled?: boolean;
  onChange: (value: string) => void;
}

/** Lots, only downwards from what the gate sized, in the broker's steps. */
export function LotsInput({ value, bounds, disabled = false, onChange }: LotsInputProps) {
  const id = useId();
  const problem = lotsProblem(value, bounds);
  const move = (steps: number) => {
    const next = stepLots(lotsProblem(value, bounds) === null ? value : bounds.maximum, steps, bounds);
    if (next !== null) onChange(next);
  };
  const button = "flex w-10 items-center justify-center text-ink-2 hover:bg-surface-2 hover:text-ink disabled:opacity-40";
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="label">
        Lots <span className="num font-normal">· at most {bounds.maximum}, step {bounds.step}</span>
      </label>
      <div className="flex h-10 overflow-hidden rounded-md border border-line-strong bg-surface-0 focus-within:border-accent">
        <button type="button" aria-label="Fewer lots" className={button} disabled={disabled || value === bounds.minimum} onClick={() => move(-1)}>
          <Minus aria-hidden className="size-4" />
        </button>
        <input
          id={id}
          inputMode="decimal"
          autoComplete="off"
          value={value}
          disabled={disabled}
          aria-invalid={problem !== null}
          aria-describedby={`${id}-problem`}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
            event.preventDefault();
            move(event.key === "ArrowUp" ? 1 : -1);
          }}
          className="num min-w-0 flex-1 border-x border-line bg-transparent text-center text-lg font-semibold outline-none"
        />
        <button type="button" aria-label="More lots" className={button} disabled={disabled || value === bounds.maximum} onClick={() => move(1)}>
          <Plus aria-hidden className="size-4" />
        </button>
      </div>
      <p id={`${id}-problem`} role="status" className="text-xs text-halt empty:hidden">
        {problem}
      </p>
    </div>
  );
}
