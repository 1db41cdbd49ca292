// The rail: what exists, nothing else. Wide it shows icon and label, narrow icons with tooltips.
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { FileJson, LayoutDashboard, PanelLeftClose, PanelLeftOpen, ScrollText } from "lucide-react";
import { useState } from "react";
import { Mark } from "@/components/ui/mark";
import { Tooltip } from "@/components/ui/tooltip";

const KEY = "tradewarden.rail";

const ENTRIES = [
  { to: "/", label: "Desk", icon: LayoutDashboard },
  { to: "/history", label: "History", icon: ScrollText },
  { to: "/strategies", label: "Strategies", icon: FileJson },
] as const;

export function Rail() {
  const [isWide, setIsWide] = useState(() => localStorage.getItem(KEY) === "wide");
  const toggle = () => {
    localStorage.setItem(KEY, isWide ? "narrow" : "wide");
    setIsWide(!isWide);
  };
  const item = "flex h-9 items-center gap-3 rounded-md px-2.5 text-ink-3 hover:bg-surface-2 hover:text-ink";
  return (
    <nav aria-label="Main" className={clsx("flex shrink-0 flex-col border-r border-line bg-surface-1 max-md:hidden", isWide ? "w-44" : "w-[53px]")}>
      <div className="flex h-12 shrink-0 items-center gap-2.5 px-3.5">
        <Mark className="size-6 shrink-0 text-accent" />
        {isWide && <span className="font-semibold">Tradewarden</span>}
      </div>
      <ul className="flex flex-1 flex-col gap-1 px-2 py-2">
        {ENTRIES.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Tooltip text={label} side="right">
              <Link
                to={to}
                search={{}}
                aria-label={label}
                activeOptions={{ exact: to === "/", includeSearch: false }}
                activeProps={{ className: "bg-surface-2 text-ink!" }}
                className={item}
              >
                <Icon aria-hidden className="size-4 shrink-0" />
                {isWide && <span>{label}</span>}
              </Link>
            </Tooltip>
          </li>
        ))}
      </ul>
      <div className="px-2 py-2">
        <Tooltip text={isWide ? "Show icons only" : "Show labels"} side="right">
          <button type="button" onClick={toggle} aria-label={isWide ? "Show icons only" : "Show labels"} className={clsx(item, "w-full")}>
            {isWide ? <PanelLeftClose aria-hidden className="size-4" /> : <PanelLeftOpen aria-hidden className="size-4" />}
          </button>
        </Tooltip>
      </div>
    </nav>
  );
}
