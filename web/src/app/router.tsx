// The routes. Search parameters are read here and nowhere else; pages get plain values.
import { createRootRoute, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router";
import { DecisionRoute } from "./pages/decision-route";
import { DeskRoute } from "./pages/desk-route";
import { HistoryRoute } from "./pages/history-route";
import { NotFound } from "./pages/not-found";
import { SignInRoute } from "./pages/sign-in-route";
import { StrategiesRoute } from "./pages/strategies-route";
import { texts } from "./search";
import { Shell } from "./shell/shell";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

export const signInRoute = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: texts("token"),
  component: SignInRoute,
});

export const deskRoute = createRoute({
  getParentRoute: () => shell,
  path: "/",
  validateSearch: texts("symbol", "timeframe", "idea"),
  component: DeskRoute,
});

export const historyRoute = createRoute({
  getParentRoute: () => shell,
  path: "/history",
  validateSearch: texts("symbol", "action"),
  component: HistoryRoute,
});

export const decisionRoute = createRoute({
  getParentRoute: () => shell,
  path: "/history/$seq",
  beforeLoad: ({ params }) => {
    if (!/^[1-9]\d{0,14}$/.test(params.seq)) redirect({ to: "/history", throw: true });
  },
  component: DecisionRoute,
});

const strategiesRoute = createRoute({ getParentRoute: () => shell, path: "/strategies", component: StrategiesRoute });

export const router = createRouter({
  routeTree: root.addChildren([signInRoute, shell.addChildren([deskRoute, historyRoute, decisionRoute, strategiesRoute])]),
  defaultPreload: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
