import { clsx } from "clsx";
import type { ReactNode } from "react";

export type BadgeTone = "neutral" | "accent" | "needs" | "halt" | "up" | "down";

const TONES: Record<BadgeTone, string> = {
  neutral: "bg-surface-2 text-ink-2 ring-line-strong",
  accent: "bg-accent-soft text-accent ring-accent/40",
  needs: "bg-needs-soft text-needs ring-needs/40",
  halt: "bg-halt-soft text-halt ring-halt/40",
  up: "bg-up-soft text-up ring-up/40",
  down: "bg-down-soft text-down ring-down/40",
};

export function Badge({ tone = "neutral", children, title }: { tone?: BadgeTone; children: ReactNode; title?: string }) {
  return (
    <span
      title={title}
      className={clsx(
        "inline-flex h-5 items-center gap-1 rounded-sm px-1.5 text-2xs font-medium whitespace-nowrap ring-1 ring-inset",
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}
