// The watchlist: read and replaced whole, against the version that was read, so that two people cannot undo each other.
import { api, unwrap } from "@/lib/api/client";

export async function watch(symbol: string, watched: boolean) {
  const before = await unwrap(api.GET("/api/v1/watchlist"));
  const others = before.symbols.filter((item) => item !== symbol);
  return unwrap(
    api.PUT("/api/v1/watchlist", {
      body: { symbols: watched ? [...others, symbol] : others, expected_version: before.version },
    }),
  );
}
