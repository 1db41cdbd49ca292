import { formatExact, formatRelative } from "@/lib/format/time";
import { useMarketNow } from "@/lib/market-clock";

/** A market time: relative when recent, exact UTC on hover. */
export function TimeText({ at, className }: { at: string; className?: string }) {
  const now = useMarketNow();
  const date = new Date(at);
  return (
    <time dateTime={at} title={formatExact(date)} className={className}>
      {formatRelative(date, now)}
    </time>
  );
}
