import { describe, expect, it } from "vitest";
import { EventStream, type StreamEvent, type StreamState } from "./event-stream";

type Reply = (request: { headers: Headers; signal: AbortSignal }) => Response | Promise<Response>;

/** A server that gives one prepared answer per connection and remembers what it was asked. */
function server(...replies: Reply[]) {
  const asked: Headers[] = [];
  const answer: typeof fetch = (_url, init) => {
    const headers = new Headers(init?.headers);
    asked.push(headers);
    const reply = replies[asked.length - 1];
    if (!reply || !init?.signal) return Promise.reject(new TypeError("connection refused"));
    return Promise.resolve(reply({ headers, signal: init.signal }));
  };
  return { asked, answer };
}

const text = (body: string): Reply => () => new Response(body, { headers: { "content-type": "text/event-stream" } });

/** A line that stays open without a word until it is hung up. */
const silence: Reply = ({ signal }) =>
  new Response(
    new ReadableStream({
      start(controller) {
        signal.addEventListener("abort", () => controller.error(new DOMException("hung up", "AbortError")));
      },
    }),
  );

async function listen(replies: Reply[], options: { stopAfter?: number; silenceMs?: number } = {}) {
  const { asked, answer } = server(...replies);
  const events: StreamEvent[] = [];
  const states: StreamState[] = [];
  const stream = new EventStream({
    url: "/events",
    fetch: answer,
    backOffMs: [1, 4],
    jitter: () => 0.5,
    ...(options.silenceMs === undefined ? {} : { silenceMs: options.silenceMs }),
    onEvent: (event) => events.push(event),
    onState: (state) => {
      states.push(state);
      if (state === "connecting" && asked.length >= (options.stopAfter ?? replies.length)) stream.stop();
    },
  });
  await stream.run();
  return { asked, events, states };
}

describe("the event stream", () => {
  it("hands over named events with their ids", async () => {
    const { events } = await listen([text('id: 7\nevent: history\ndata: {"seq":7}\n\n: heartbeat\n\nevent: quote\ndata: {}\n\n')]);
    expect(events).toEqual([
      { name: "history", id: "7", data: '{"seq":7}' },
      { name: "quote", id: undefined, data: "{}" },
    ]);
  });

  it("asks after a break for what came after the last entry it saw", async () => {
    const { asked, events } = await listen([text("id: 41\nevent: history\ndata: a\n\n"), text("id: 42\nevent: history\ndata: b\n\n")]);
    expect(asked.map((headers) => headers.get("last-event-id"))).toEqual([null, "41"]);
    expect(events.map((event) => event.id)).toEqual(["41", "42"]);
  });

  it("keeps trying while the desk is away and says that it waits", async () => {
    const refused: Reply = () => Promise.reject(new TypeError("connection refused"));
    const { asked, states } = await listen([refused, () => new Response("down", { status: 503 }), text("data: back\n\n")]);
    expect(asked).toHaveLength(3);
    expect(states.filter((state) => state === "waiting")).toHaveLength(3);
    expect(states).toContain("live");
    expect(states.at(-1)).toBe("stopped");
  });

  it("counts a silent line as broken", async () => {
    const { asked } = await listen([silence, text("data: x\n\n")], { silenceMs: 5 });
    expect(asked).toHaveLength(2);
  });

  it("stops for good when nobody is signed in any more", async () => {
    const { asked, states } = await listen([() => new Response(null, { status: 401 }), text("data: never\n\n")], { stopAfter: 9 });
    expect(asked).toHaveLength(1);
    expect(states.at(-1)).toBe("signed-out");
  });
});
