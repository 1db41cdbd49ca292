// The page outside the desk: arriving by a link, a link that no longer works, signed out. Each state says how
// to get a new link.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, Copy, LoaderCircle } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { signIn, sessionQuery } from "../api/session";
import { Button } from "@/components/ui/button";
import { Mark } from "@/components/ui/mark";
import { asProblem } from "@/lib/api/problem";

const LINK_COMMAND = "tradewarden sign-in-link";

export function SignIn({ token, onSignedIn }: { token: string | undefined; onSignedIn: () => void }) {
  const queries = useQueryClient();
  const exchange = useMutation({
    mutationFn: signIn,
    onSuccess: (session) => {
      queries.setQueryData(sessionQuery.queryKey, session);
      onSignedIn();
    },
  });
  const { mutate } = exchange;
  const sent = useRef<string | null>(null);
  useEffect(() => {
    // A one-time link works once: strict mode mounts twice, so the token is remembered.
    if (!token || sent.current === token) return;
    sent.current = token;
    mutate(token);
  }, [token, mutate]);

  if (!token) return <SignedOut />;
  if (exchange.isError) {
    const problem = asProblem(exchange.error);
    return (
      <Door title={problem.status === 0 ? "The desk does not answer" : "This link no longer works"}>
        <p>
          {problem.status === 0
            ? "Check that the desk is still running on this machine, then open the link again."
            : "A sign-in link works once and only for a few minutes. It was used already, or it has expired."}
        </p>
        <NewLink />
        <p className="mono text-2xs text-ink-3">
          {problem.code}
          {problem.requestId && ` · request ${problem.requestId}`}
        </p>
      </Door>
    );
  }
  return (
    <Door title="Signing in">
      <p role="status" className="flex items-center gap-2">
        <LoaderCircle aria-hidden className="size-4 animate-spin text-accent" /> Exchanging the one-time link for a session…
      </p>
    </Door>
  );
}

export function SignedOut() {
  return (
    <Door title="You are signed out">
      <p>The desk opens with a one-time link. Nothing stops while you are away: open positions keep their stops at the broker.</p>
      <NewLink />
    </Door>
  );
}

function NewLink() {
  const [isCopied, setIsCopied] = useState(false);
  return (
    <div className="flex flex-col gap-2">
      <p>For a new link, run this on the machine of the desk and open what it prints:</p>
      <div className="flex items-center gap-2 rounded-md border border-line-strong bg-surface-2 py-1.5 pr-1.5 pl-3">
        <code className="mono flex-1 text-ink">{LINK_COMMAND}</code>
        <Button
          size="sm"
          tone="quiet"
          onClick={() => void navigator.clipboard.writeText(LINK_COMMAND).then(() => setIsCopied(true))}
        >
          {isCopied ? <Check aria-hidden className="size-3.5" /> : <Copy aria-hidden className="size-3.5" />}
          {isCopied ? "Copied" : "Copy"}
        </Button>
      </div>
    </div>
  );
}

export function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <div className="w-full max-w-[440px] rounded-lg border border-line bg-surface-1">
        <div className="flex items-center gap-3 border-b border-line px-6 py-4">
          <Mark className="size-6 text-accent" />
          <span className="font-semibold">Tradewarden</span>
        </div>
        <div className="flex flex-col gap-4 px-6 py-6 text-sm text-ink-2">
          <h1 className="text-xl font-semibold text-ink">{title}</h1>
          {children}
        </div>
      </div>
    </main>
  );
}
