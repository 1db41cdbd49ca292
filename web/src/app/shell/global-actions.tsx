// Actions that exist on every page: going places, the theme, signing out.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { toast } from "sonner";
import { sessionQuery, signOut } from "@/features/session/api/session";
import { asProblem } from "@/lib/api/problem";
import { useAction } from "@/lib/keyboard/actions";
import { applyTheme, currentTheme } from "@/lib/theme/theme";

export function GlobalActions() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  useAction({ id: "go.desk", label: "Go to the desk", group: "Go to", run: () => void navigate({ to: "/", search: {} }) });
  useAction({ id: "go.history", label: "Go to the decision history", group: "Go to", run: () => void navigate({ to: "/history", search: {} }) });
  useAction({ id: "go.strategies", label: "Go to the strategies", group: "Go to", run: () => void navigate({ to: "/strategies" }) });
  useAction({
    id: "look.theme",
    label: "Switch between dark and light",
    group: "Appearance",
    keywords: "theme colour mode",
    run: () => applyTheme(currentTheme() === "dark" ? "light" : "dark"),
  });
  useAction({
    id: "session.out",
    label: "Sign out",
    group: "Session",
    run: () => {
      signOut().then(
        () => queries.setQueryData(sessionQuery.queryKey, null),
        (error: unknown) => toast.error(`Not signed out: ${asProblem(error).message}`),
      );
    },
  });
  return null;
}
