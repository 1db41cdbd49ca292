import type { ReactNode } from "react";

interface StageProps {
  number: number;
  title: string;
  note?: ReactNode;
  children: ReactNode;
}

/** One stage of a decision: numbered in flow order, anchored, so that a link can point at it. */
export function Stage({ number, title, note, children }: StageProps) {
  return (
    <section id={`stage-${number}`} aria-labelledby={`stage-${number}-title`} className="relative grid scroll-mt-4 gap-x-4 md:grid-cols-[32px_minmax(0,1fr)]">
      <div aria-hidden className="flex flex-col items-center max-md:hidden">
        <span className="num flex size-6 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface-1 text-2xs font-semibold text-ink-2">{number}</span>
        <span className="w-px flex-1 bg-line" />
      </div>
      <div className="min-w-0 pb-7">
        <div className="mb-2.5 flex min-h-6 flex-wrap items-baseline gap-x-3">
          <h2 id={`stage-${number}-title`} className="text-base font-semibold">
            {title}
          </h2>
          {note && <span className="num text-xs text-ink-3">{note}</span>}
        </div>
        {children}
      </div>
    </section>
  );
}

/** A bordered surface inside a stage. */
export function Box({ children, className = "" }: { children: ReactNode; className?: string }) {
  return <div className={`overflow-x-auto rounded-md border border-line bg-surface-1 ${className}`}>{children}</div>;
}

export interface Fact {
  name: string;
  value: ReactNode;
}

/** Named values in columns. */
export function Facts({ rows }: { rows: readonly Fact[] }) {
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(150px,1fr))] gap-x-4 gap-y-2.5 px-4 py-3">
      {rows.map((row) => (
        <div key={row.name} className="min-w-0">
          <dt className="label">{row.name}</dt>
          <dd className="num truncate">{row.value}</dd>
        </div>
      ))}
    </dl>
  );
}

export const HEAD = "text-left text-2xs text-ink-3 [&>th]:border-b [&>th]:border-line [&>th]:px-4 [&>th]:py-1.5 [&>th]:font-medium";
export const ROW = "border-b border-line/60 last:border-0 [&>td]:px-4 [&>td]:py-1.5";
