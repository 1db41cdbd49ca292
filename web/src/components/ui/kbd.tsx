import { clsx } from "clsx";
import type { ReactNode } from "react";

const NAMES: Record<string, string> = { Escape: "Esc", Enter: "↵", "Mod+k": "Ctrl K" };

/** A key cap. Hidden from screen readers: `aria-keyshortcuts` on the control says it there. */
export function Kbd({ children, tone = "plain" }: { children: ReactNode; tone?: "plain" | "inverse" }) {
  return (
    <kbd
      aria-hidden
      className={clsx(
        "hidden min-w-[18px] items-center justify-center rounded-sm px-1 font-sans text-2xs leading-[16px] font-medium md:inline-flex",
        tone === "plain" ? "border border-line-strong text-ink-3" : "border border-current/40",
      )}
    >
      {typeof children === "string" ? (NAMES[children] ?? children) : children}
    </kbd>
  );
}
