import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { HistoryList } from "@/features/history/components/history-list";
import { symbolsQuery } from "@/features/market/api/market";

const route = getRouteApi("/shell/history");

export function HistoryRoute() {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const symbols = useQuery(symbolsQuery).data?.items.map((item) => item.symbol) ?? [];
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
