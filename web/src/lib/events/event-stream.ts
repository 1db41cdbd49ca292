// Reads the desk's event stream over fetch: sends Last-Event-ID, backs off when the line breaks, notices a
// silent line, and reports its state so that the screen can say "live" or how long it has not been.

import { createParser } from "eventsource-parser";

export type StreamState = "connecting" | "live" | "waiting" | "signed-out" | "stopped";

export interface StreamEvent {
  name: string;
  id: string | undefined;
  data: string;
}

export interface EventStreamOptions {
  url: string;
  onEvent: (event: StreamEvent) => void;
  onState?: (state: StreamState) => void;
  fetch?: typeof globalThis.fetch;
  /** Milliseconds without a byte before the line counts as broken. */
  silenceMs?: number;
  /** First and longest pause between attempts, in milliseconds. */
  backOffMs?: readonly [number, number];
  /** 0..1, spreads the pauses; replaceable so that tests are exact. */
  jitter?: () => number;
}

export class EventStream {
  private readonly options: EventStreamOptions;
  private readonly stopped = new AbortController();
  private lastEventId: string | undefined;
  private attempts = 0;
  private serverRetryMs: number | undefined;

  constructor(options: EventStreamOptions) {
    this.options = options;
  }

  /** Connects and stays connected until `stop()`; resolves when stopped or signed out. */
  async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      this.report("connecting");
      if (this.isStopped()) break;
      const outcome = await this.readOnce();
      if (outcome === "signed-out") {
        this.report("signed-out");
        return;
      }
      if (this.isStopped()) break;
      this.report("waiting");
      await this.pause(this.nextPauseMs());
    }
    this.report("stopped");
  }

  stop(): void {
    this.stopped.abort();
  }

  private isStopped(): boolean {
    return this.stopped.signal.aborted;
  }

  private report(state: StreamState): void {
    this.options.onState?.(state);
  }

  private nextPauseMs(): number {
    const [first, longest] = this.options.backOffMs ?? [1_000, 30_000];
    const base = Math.min(longest, Math.max(this.serverRetryMs ?? 0, first * 2 ** this.attempts));
    this.attempts += 1;
    return base * (0.75 + 0.5 * (this.options.jitter ?? Math.random)());
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      const signal = this.stopped.signal;
      signal.addEventListener("abort", done, { once: true });
      function done() {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }

  private async readOnce(): Promise<"ended" | "signed-out"> {
    const line = new AbortController();
    const hangUp = () => line.abort();
    this.stopped.signal.addEventListener("abort", hangUp, { once: true });
    let watchdog = this.watch(hangUp);
    try {
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (this.lastEventId !== undefined) headers["last-event-id"] = this.lastEventId;
      const response = await (this.options.fetch ?? fetch)(this.options.url, {
        headers,
        signal: line.signal,
        credentials: "same-origin",
        cache: "no-store",
      });
      if (response.status === 401 || response.status === 403) return "signed-out";
      if (!response.ok || !response.body) return "ended";
      const parser = this.parser();
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      this.report("live");
      this.attempts = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return "ended";
        clearTimeout(watchdog);
        watchdog = this.watch(hangUp);
        parser.feed(decoder.decode(value, { stream: true }));
      }
    } catch (error) {
      // A broken or aborted line is expected and retried; anything else is a defect and must surface.
      if (error instanceof TypeError || (error instanceof DOMException && error.name === "AbortError")) return "ended";
      throw error;
    } finally {
      clearTimeout(watchdog);
      this.stopped.signal.removeEventListener("abort", hangUp);
    }
  }

  private watch(hangUp: () => void): ReturnType<typeof setTimeout> {
    return setTimeout(hangUp, this.options.silenceMs ?? 45_000);
  }

  private parser() {
    return createParser({
      onEvent: (event) => {
        if (event.id !== undefined) this.lastEventId = event.id;
        this.options.onEvent({ name: event.event ?? "message", id: event.id, data: event.data });
      },
      onRetry: (milliseconds) => {
        this.serverRetryMs = milliseconds;
      },
    });
  }
}
