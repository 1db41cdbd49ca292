import { clsx } from "clsx";
import type { ReactNode } from "react";

interface FigureProps {
  label: ReactNode;
  children: ReactNode;
  hint?: ReactNode;
  className?: string;
}

/** A labelled number: label above, value below, and what it is compared with beside it. */
export function Figure({ label, children, hint, className }: FigureProps) {
  return (
    <div className={clsx("flex min-w-0 flex-col", className)}>
      <dt className="label">{label}</dt>
      <dd className="num text-ink">
        {children}
        {hint && <span className="ml-1.5 text-xs text-ink-3">{hint}</span>}
      </dd>
    </div>
  );
}
