import { useState } from "react";
import { Kbd } from "@/components/ui/kbd";
import { Sheet } from "@/components/ui/sheet";
import { useAction, useActions } from "@/lib/keyboard/actions";

/** `?`: every key that works on this page, straight from the registry. */
export function ShortcutSheet() {
  const [isOpen, setIsOpen] = useState(false);
  useAction({ id: "app.keys", label: "Show all keys", group: "Help", shortcut: "?", keywords: "shortcuts help", run: () => setIsOpen(true) });
  const actions = useActions().filter((action) => action.shortcut !== undefined);
  const groups = [...new Set(actions.map((action) => action.group))];
  return (
    <Sheet open={isOpen} onClose={() => setIsOpen(false)} title="Keys" description="What works on this page now. Single keys rest while you type.">
      <div className="flex flex-col gap-5">
        {groups.map((group) => (
          <section key={group}>
            <h3 className="label mb-1">{group}</h3>
            <ul>
              {actions
                .filter((action) => action.group === group)
                .map((action) => (
                  <li key={action.id} className="flex h-8 items-center justify-between border-b border-line/60 last:border-0">
                    {action.label} <Kbd>{action.shortcut}</Kbd>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </Sheet>
  );
}
