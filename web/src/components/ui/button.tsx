import { clsx } from "clsx";
import type { ButtonHTMLAttributes, Ref } from "react";
import { Kbd } from "./kbd";

export type ButtonTone = "primary" | "plain" | "quiet" | "danger" | "halt";

const TONES: Record<ButtonTone, string> = {
  primary: "bg-accent text-accent-ink hover:brightness-110",
  plain: "border border-line-strong bg-surface-2 text-ink hover:bg-surface-3",
  quiet: "text-ink-2 hover:bg-surface-2 hover:text-ink",
  danger: "border border-halt/50 text-halt hover:bg-halt-soft",
  halt: "bg-[var(--halt-bar)] text-halt-ink hover:brightness-110",
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: ButtonTone;
  size?: "sm" | "md" | "lg";
  shortcut?: string | undefined;
  ref?: Ref<HTMLButtonElement>;
}

const SIZES = { sm: "h-7 px-2.5 text-xs", md: "h-8 px-3 text-sm", lg: "h-10 px-4 text-sm" };

export function buttonClass(tone: ButtonTone = "plain", size: "sm" | "md" | "lg" = "md"): string {
  return clsx(
    "inline-flex shrink-0 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-[background-color,filter] duration-100",
    "disabled:cursor-not-allowed disabled:opacity-45",
    SIZES[size],
    TONES[tone],
  );
}

export function Button({ tone = "plain", size = "md", shortcut, className, children, type = "button", ...rest }: ButtonProps) {
  return (
    <button type={type} className={clsx(buttonClass(tone, size), className)} aria-keyshortcuts={shortcut} {...rest}>
      {children}
      {shortcut && <Kbd tone={tone === "primary" || tone === "halt" ? "inverse" : "plain"}>{shortcut}</Kbd>}
    </button>
  );
}
