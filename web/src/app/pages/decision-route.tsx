import { getRouteApi, useCanGoBack, useRouter } from "@tanstack/react-router";
import { DecisionPage } from "@/features/history/components/decision-page";

const route = getRouteApi("/shell/history/$seq");

export function DecisionRoute() {
  const { seq } = route.useParams();
  const navigate = route.useNavigate();
  const router = useRouter();
  const canGoBack = useCanGoBack();
  return (
    <DecisionPage
      key={seq}
      seq={Number(seq)}
      onBack={() => (canGoBack ? router.history.back() : void navigate({ to: "/history", search: {} }))}
      onOpen={(next) => void navigate({ to: "/history/$seq", params: { seq: String(next) }, replace: true })}
    />
  );
}
