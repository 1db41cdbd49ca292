// Turns the server's events into refetches. Events say what changed, never the new truth: the panels ask for it,
// so that a lost event costs freshness and nothing else.
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { API_BASE, EVENT_COALESCE_MS } from "@/config/desk";
import { sessionQuery } from "@/features/session/api/session";
import { EventStream } from "@/lib/events/event-stream";
import { setStreamState } from "@/lib/events/stream-state";

const TOUCHES: Record<string, readonly string[][]> = {
  idea: [["ideas"], ["status"], ["history"]],
  position: [["positions"], ["executions"], ["status"]],
  account: [["status"], ["positions"]],
  status: [["status"]],
  halt: [["status"], ["ideas"], ["history"]],
  history: [["history"]],
  quote: [["market", "symbols"], ["positions"]],
  bar: [["market", "bars"]],
  strategy: [["strategies"]],
};

/** Collects the query keys events touch and refetches each once per short pause. */
class Coalescer {
  private readonly pending = new Map<string, readonly string[]>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly queries: QueryClient) {}

  touch(keys: readonly (readonly string[])[]): void {
    for (const key of keys) this.pending.set(key.join("/"), key);
    this.timer ??= setTimeout(() => this.flush(), EVENT_COALESCE_MS);
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
    const coalescer = new Coalescer(queries);
    let wasLive = false;
    const stream = new EventStream({
      url: `${API_BASE}/events`,
      onEvent: (event) => coalescer.touch(TOUCHES[event.name] ?? []),
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
      coalescer.stop();
    };
  }, [queries]);
}
