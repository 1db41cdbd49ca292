// The second deliberate step: press and hold (pointer, Space or Enter). Assistive technology that can only
// click needs two clicks instead, and is told so.
import { clsx } from "clsx";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

const HOLD_MS = 900;

interface HoldButtonProps {
  children: ReactNode;
  onConfirm: () => void;
  disabled?: boolean;
  tone?: "accent" | "halt";
  busy?: string | undefined;
}

export function HoldButton({ children, onConfirm, disabled = false, tone = "accent", busy }: HoldButtonProps) {
  const [isHeld, setIsHeld] = useState(false);
  const [isArmed, setIsArmed] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const wasPressed = useRef(false);

  const release = () => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = null;
    setIsHeld(false);
  };
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );

  const press = () => {
    wasPressed.current = true;
    if (disabled || busy !== undefined || timer.current !== null) return;
    setIsHeld(true);
    timer.current = setTimeout(() => {
      release();
      onConfirm();
    }, HOLD_MS);
  };

  const onClick = () => {
    const isSynthetic = !wasPressed.current;
    wasPressed.current = false;
    if (!isSynthetic || disabled || busy !== undefined) return;
    if (isArmed) onConfirm();
    setIsArmed(!isArmed);
  };

  const isHoldKey = (event: KeyboardEvent) => event.key === "Enter" || event.key === " ";

  return (
    <button
      type="button"
      disabled={disabled || busy !== undefined}
      onPointerDown={(event) => event.button === 0 && press()}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onBlur={release}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isHoldKey(event)) return;
        event.preventDefault();
        if (!event.repeat) press();
      }}
      onKeyUp={(event) => isHoldKey(event) && release()}
      onClick={onClick}
      className={clsx(
        "relative h-11 w-full touch-none overflow-hidden rounded-md border font-semibold select-none disabled:cursor-not-allowed disabled:opacity-50",
        tone === "accent" ? "border-accent bg-accent-soft text-ink" : "border-halt bg-halt-soft text-ink",
      )}
    >
      <span
        aria-hidden
        data-held={isHeld}
        className={clsx(
          "absolute inset-y-0 left-0 w-0 data-[held=true]:w-full data-[held=true]:transition-[width] data-[held=true]:duration-[900ms] data-[held=true]:ease-linear",
          tone === "accent" ? "bg-accent/60" : "bg-[var(--halt-bar)]",
        )}
      />
      <span className="relative">{busy ?? (isArmed ? "Press once more to confirm" : children)}</span>
    </button>
  );
}
