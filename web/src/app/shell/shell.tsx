// The frame around every page of the desk: rail, status strip, palette, shortcut sheet, event stream. Nobody gets
// past it without a session.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { useEffect } from "react";
import { useLiveUpdates } from "../live-updates";
import { GlobalActions } from "./global-actions";
import { Palette } from "./palette";
import { Rail } from "./rail";
import { ShortcutSheet } from "./shortcut-sheet";
import { ErrorState } from "@/components/ui/panel";
import { sessionQuery } from "@/features/session/api/session";
import { Door, SignedOut } from "@/features/session/components/door";
import { StatusStrip } from "@/features/status/components/status-strip";
import { useKeyboard } from "@/lib/keyboard/actions";

export function Shell() {
  const session = useQuery(sessionQuery);
  const queries = useQueryClient();
  const isSignedOut = session.data === null;
  useEffect(() => {
    // The frame is gone by now: what the last person saw must not greet the next one.
    if (isSignedOut) queries.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] });
  }, [isSignedOut, queries]);
  if (session.data) return <Frame />;
  if (isSignedOut) return <SignedOut />;
  if (session.error) {
    return (
      <Door title="The desk does not answer">
        <ErrorState error={session.error} what="your session" onRetry={session.refetch} />
      </Door>
    );
  }
  return <div role="status" aria-label="Opening the desk" className="h-dvh bg-surface-0" />;
}

function Frame() {
  useKeyboard();
  useLiveUpdates();
  return (
    <div className="flex h-dvh">
      <a href="#content" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-surface-3 focus:px-3 focus:py-1.5">
        Skip to content
      </a>
      <Rail />
      <div className="flex min-w-0 flex-1 flex-col">
        <StatusStrip />
        <main id="content" className="flex min-h-0 flex-1 flex-col">
          <Outlet />
        </main>
      </div>
      <GlobalActions />
      <Palette />
      <ShortcutSheet />
    </div>
  );
}
