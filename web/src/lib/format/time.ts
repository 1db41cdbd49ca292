// Times for people: relative when recent, exact UTC otherwise and on hover. Everything here takes "now" as an
// argument; the components decide whether that is market time or wall time.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (value: number): string => String(value).padStart(2, "0");

/** 12:41:07 in UTC. */
export function formatClock(at: Date): string {
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
}

/** 2026-01-09 13:30:00 UTC. */
export function formatExact(at: Date): string {
  return `${formatDay(at)} ${formatClock(at)} UTC`;
}

/** 2026-01-09 in UTC. */
export function formatDay(at: Date): string {
  return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
}

/** "just now", "4 min ago", "3 h ago" within a day; the exact date and minute beyond it. */
export function formatRelative(at: Date, now: Date): string {
  const age = now.getTime() - at.getTime();
  if (age < 0) return age > -MINUTE ? "just now" : `in ${formatDuration(-age)}`;
  if (age < 10_000) return "just now";
  if (age < DAY) return `${formatDuration(age)} ago`;
  return `${formatDay(at)} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

/** "42 s", "4 min", "3 h 20 min", "2 d 4 h": two units at most. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < MINUTE) return `${Math.max(0, Math.floor(milliseconds / 1000))} s`;
  if (milliseconds < HOUR) return `${Math.floor(milliseconds / MINUTE)} min`;
  if (milliseconds < DAY) {
    const minutes = Math.floor((milliseconds % HOUR) / MINUTE);
    return `${Math.floor(milliseconds / HOUR)} h${minutes ? ` ${minutes} min` : ""}`;
  }
  const hours = Math.floor((milliseconds % DAY) / HOUR);
  return `${Math.floor(milliseconds / DAY)} d${hours ? ` ${hours} h` : ""}`;
}

/** A countdown: 04:12, or 1:04:12 beyond an hour; never negative. */
export function formatCountdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
