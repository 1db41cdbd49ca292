// A panel of the desk and its four states: loading, empty (teaches), error (what, why, next, request id) and
// stale with its age. `PanelBody` picks the state from a query, so that no panel can forget one.
import { clsx } from "clsx";
import { CloudOff, RotateCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button";
import { STALE_AFTER_MS } from "@/config/desk";
import { asProblem, nextStep } from "@/lib/api/problem";
import { formatDuration } from "@/lib/format/time";
import { useWallNow } from "@/lib/wall-clock";

interface PanelProps {
  title: ReactNode;
  count?: number | undefined;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  id?: string;
}

export function Panel({ title, count, aside, children, className, id }: PanelProps) {
  return (
    <section aria-labelledby={id && `${id}-title`} className={clsx("flex min-h-0 min-w-0 flex-col bg-surface-1", className)}>
      <header className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-4">
        <h2 id={id && `${id}-title`} className="text-sm font-semibold text-ink">
          {title}
        </h2>
        {count !== undefined && count > 0 && <span className="num text-xs text-ink-3">{count}</span>}
        <div className="ml-auto flex min-w-0 items-center gap-2">{aside}</div>
      </header>
      {children}
    </section>
  );
}

export interface PanelQuery<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  isFetching: boolean;
  dataUpdatedAt: number;
  refetch: () => unknown;
}

interface PanelBodyProps<T> {
  query: PanelQuery<T>;
  what: string;
  rows?: number;
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}

export function PanelBody<T>({ query, what, rows = 3, isEmpty, empty, children }: PanelBodyProps<T>) {
  if (query.data !== undefined) {
    return (
      <>
        <StaleNote query={query} what={what} />
        {isEmpty?.(query.data) ? empty : children(query.data)}
      </>
    );
  }
  if (query.error) return <ErrorState error={query.error} what={what} onRetry={query.refetch} />;
  return <LoadingState rows={rows} what={what} />;
}

export function LoadingState({ rows, what }: { rows: number; what: string }) {
  return (
    <div role="status" aria-label={`Loading ${what}`} className="flex flex-col gap-3 p-4">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="h-4 animate-pulse rounded-sm bg-surface-2" style={{ width: `${88 - ((row * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  children: ReactNode;
}

export function EmptyState({ icon, title, children }: EmptyStateProps) {
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-1.5 px-6 py-8 text-center">
      {icon && <div className="mb-1 text-ink-3 [&>svg]:size-5">{icon}</div>}
      <p className="font-medium text-ink-2">{title}</p>
      <div className="max-w-[44ch] text-xs text-pretty text-ink-3">{children}</div>
    </div>
  );
}

export function ErrorState({ error, what, onRetry }: { error: unknown; what: string; onRetry?: () => unknown }) {
  const problem = asProblem(error);
  return (
    <div role="alert" className="m-4 flex gap-3 rounded-md border border-halt/40 bg-halt-soft p-3">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-halt" />
      <div className="flex min-w-0 flex-col gap-1 text-xs">
        <p className="text-sm font-medium text-ink">Could not load {what}</p>
        <p className="text-ink-2">{problem.message}</p>
        <p className="text-ink-2">{nextStep(problem)}</p>
        <p className="mono text-ink-3">
          {problem.code}
          {problem.requestId && ` · request ${problem.requestId}`}
        </p>
        {onRetry && (
          <Button size="sm" className="mt-1 self-start" onClick={() => void onRetry()}>
            <RotateCw aria-hidden className="size-3" /> Try again
          </Button>
        )}
      </div>
    </div>
  );
}

/** Says how old the shown data is once it could not be refreshed; silent while it is fresh. */
export function StaleNote({ query, what }: { query: Pick<PanelQuery<unknown>, "error" | "dataUpdatedAt">; what: string }) {
  const now = useWallNow();
  const age = now - query.dataUpdatedAt;
  if (!query.error || query.dataUpdatedAt === 0 || age < 1_000) return null;
  return (
    <div
      role="status"
      className={clsx(
        "flex items-center gap-2 border-b border-line px-4 py-1.5 text-xs",
        age > STALE_AFTER_MS ? "bg-needs-soft text-needs" : "bg-surface-2 text-ink-2",
      )}
    >
      <CloudOff aria-hidden className="size-3.5 shrink-0" />
      <span>
        {what.charAt(0).toUpperCase() + what.slice(1)} as of <span className="num">{formatDuration(age)}</span> ago. {asProblem(query.error).message}
      </span>
    </div>
  );
}
