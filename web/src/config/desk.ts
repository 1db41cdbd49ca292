// Constants of the browser side, each with its reason.

/** The event stream; every other address is in the generated contract. */
export const EVENTS_URL = "/api/v1/events";

/** Panels refetch on events; this slow poll only heals a lost event. */
export const HEAL_POLL_MS = 15_000;

/** The status strip must not lie for long when the event stream is down. */
export const STATUS_POLL_MS = 5_000;

/** Older than this without a successful answer, a panel calls itself stale and says how old it is. */
export const STALE_AFTER_MS = 30_000;

/** At most this many bars are loaded into the chart: enough to scroll back, light enough to update each tick. */
export const CHART_BARS = 500;

/** Events of one kind arriving together lead to one refetch. */
export const EVENT_COALESCE_MS = 150;

/** Quotes move all the time: what hangs on them is asked for at most this often. */
export const QUOTE_REFRESH_MS = 1_000;
