// Turns the server's events into refetches: an event says that something changed, the panels ask for the truth, so
// that a lost event costs freshness and nothing else. Only the status arrives whole, because it is complete.
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { EVENT_COALESCE_MS, EVENTS_URL, QUOTE_REFRESH_MS } from "@/config/desk";
import { sessionQuery } from "@/features/session/api/session";
import { statusQuery } from "@/features/status/api/status";
import type { DeskStatus } from "@/lib/api/types";
import { EventStream } from "@/lib/events/event-stream";
import { setStreamState } from "@/lib/events/stream-state";

type Key = readonly string[];

/** What may have changed after a new history entry: everything a decision, an order or a person can move. */
const AFTER_ENTRY: readonly Key[] = [["history"], ["ideas", "active"], ["positions"], ["executions"], ["status"], ["strategies"]];
/** What a moving price changes. */
const AFTER_QUOTE: readonly Key[] = [["market"], ["positions"]];

/** Collects the queries that events touch and refetches each once per pause. */
class Coalescer {
  private readonly queries: QueryClient;
  private readonly pauseMs: number;
  private readonly pending = new Map<string, Key>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(queries: QueryClient, pauseMs: number) {
    this.queries = queries;
    this.pauseMs = pauseMs;
  }

  touch(keys: readonly Key[]): void {
    for (const key of keys) this.pending.set(key.join("/"), key);
    this.timer ??= setTimeout(() => this.flush(), this.pauseMs);
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private flush(): void {
    this.timer = null;
    const keys = [...this.pending.values()];
    this.pending.clear();
    for (const queryKey of keys) void this.queries.invalidateQueries({ queryKey }, { cancelRefetch: false });
  }
}

export function useLiveUpdates(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const entries = new Coalescer(queries, EVENT_COALESCE_MS);
    const quotes = new Coalescer(queries, QUOTE_REFRESH_MS);
    let wasLive = false;
    const stream = new EventStream({
      url: EVENTS_URL,
      onEvent: (event) => {
        if (event.name === "history") entries.touch(AFTER_ENTRY);
        else if (event.name === "status") queries.setQueryData(statusQuery.queryKey, JSON.parse(event.data) as DeskStatus);
        else if (event.name === "quote") quotes.touch(AFTER_QUOTE);
      },
      onState: (state) => {
        setStreamState(state);
        // After a break anything may have happened: ask for everything once.
        if (state === "live" && wasLive) void queries.invalidateQueries();
        if (state === "live") wasLive = true;
        if (state === "signed-out") queries.setQueryData(sessionQuery.queryKey, null);
      },
    });
    void stream.run();
    return () => {
      stream.stop();
      entries.stop();
      quotes.stop();
    };
  }, [queries]);
}
