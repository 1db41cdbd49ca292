import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { HistoryList } from "@/features/history/components/history-list";
import { symbolsQuery } from "@/features/market/api/market";
import { isAction } from "@/lib/format/words";

const route = getRouteApi("/shell/history");

export function HistoryRoute() {
  const search = route.useSearch();
  const filters = { symbol: search.symbol, action: isAction(search.action) ? search.action : undefined };
  const navigate = route.useNavigate();
  const symbols = useQuery(symbolsQuery).data?.symbols.map((row) => row.instrument.symbol) ?? [];
  return (
    <HistoryList
      filters={filters}
      symbols={symbols}
      onFilter={({ symbol, action }) =>
        void navigate({ search: { ...(symbol === undefined ? {} : { symbol }), ...(action === undefined ? {} : { action }) }, replace: true })
      }
      onOpen={(seq) => void navigate({ to: "/history/$seq", params: { seq: String(seq) } })}
    />
  );
}
