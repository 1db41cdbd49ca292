import { getRouteApi } from "@tanstack/react-router";
import { SignIn } from "@/features/session/components/door";

const route = getRouteApi("/sign-in");

export function SignInRoute() {
  const { token } = route.useSearch();
  const navigate = route.useNavigate();
  return <SignIn token={token} onSignedIn={() => void navigate({ to: "/", search: {}, replace: true })} />;
}
