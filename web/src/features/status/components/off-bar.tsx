// Trading is halted or switched off: a full-width bar with the first reason and the one way on, a deliberate step.
import { clsx } from "clsx";
import { CirclePause, OctagonX } from "lucide-react";
import { useState } from "react";
import { ResumeSheet } from "./resume-sheet";
import { TimeText } from "@/components/ui/time-text";
import type { DeskStatus } from "@/lib/api/types";
import { sentence } from "@/lib/format/words";
import { useAction } from "@/lib/keyboard/actions";

export function OffBar({ status }: { status: DeskStatus }) {
  const [isOpen, setIsOpen] = useState(false);
  const { halt } = status;
  useAction({ id: "desk.resume", label: halt ? "Resume trading…" : "Switch trading on…", group: "Desk", keywords: "halt restart start", run: () => setIsOpen(true) });
  const Icon = halt ? OctagonX : CirclePause;
  return (
    <div
      role="alert"
      className={clsx("flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2", halt ? "bg-[var(--halt-bar)] text-halt-ink" : "border-b border-line bg-needs-soft text-ink")}
    >
      <Icon aria-hidden className={clsx("size-5 shrink-0", !halt && "text-needs")} />
      <strong className="font-semibold tracking-wide">{halt ? "TRADING IS HALTED" : "TRADING IS OFF"}</strong>
      <span className="max-md:w-full max-md:order-2">{halt ? sentence(halt.reason) : "Strategies are evaluated, but nothing is opened until a person switches trading on."}</span>
      {halt && (
        <span className="text-xs opacity-85 max-md:order-3">
          <TimeText at={halt.since} /> · by {halt.actor}
        </span>
      )}
      <button
        type="button"
        onClick={() => setIsOpen(true)}
        className="ml-auto h-7 rounded-md border border-current px-3 text-xs font-semibold hover:bg-white/15 focus-visible:outline-current max-md:h-9"
      >
        {halt ? "Resume…" : "Switch on…"}
      </button>
      {isOpen && <ResumeSheet status={status} onClose={() => setIsOpen(false)} />}
    </div>
  );
}
