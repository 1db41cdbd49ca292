// Ctrl+K: every action that is possible now, with its key beside it.
import { Command } from "cmdk";
import { Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { Kbd } from "@/components/ui/kbd";
import { useAction, useActions, type Action } from "@/lib/keyboard/actions";

const OWN_ID = "app.palette";

/** What belongs to the page comes first, what is always there last. */
const LAST_GROUPS = ["Desk", "Go to", "Appearance", "Session", "Help"];
const rank = (group: string): number => LAST_GROUPS.indexOf(group);

export function Palette() {
  const [isOpen, setIsOpen] = useState(false);
  useAction({ id: OWN_ID, label: "Open the palette", group: "Help", shortcut: "Mod+k", run: () => setIsOpen((open) => !open) });
  const actions = useActions().filter((action) => action.id !== OWN_ID);
  const groups = [...new Set(actions.map((action) => action.group))].sort((a, b) => rank(a) - rank(b));
  const choose = (action: Action) => {
    setIsOpen(false);
    // After the palette is gone: an action may open a sheet, which wants the focus.
    requestAnimationFrame(action.run);
  };
  return (
    <Dialog.Root open={isOpen} onOpenChange={setIsOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[var(--overlay)]" />
        <Dialog.Content
          data-sheet
          aria-describedby={undefined}
          className="fixed top-[14vh] left-1/2 z-50 w-[min(560px,92vw)] -translate-x-1/2 overflow-hidden rounded-lg border border-line-strong bg-surface-1"
        >
          <Dialog.Title className="sr-only">Palette</Dialog.Title>
          <Command loop label="Actions">
            <div className="flex items-center gap-3 border-b border-line px-4">
              <Search aria-hidden className="size-4 text-ink-3" />
              <Command.Input placeholder="What do you want to do?" className="h-12 flex-1 bg-transparent text-base outline-none placeholder:text-ink-3" />
            </div>
            <Command.List className="max-h-[50vh] overflow-y-auto p-2">
              <Command.Empty className="px-3 py-6 text-center text-xs text-ink-3">Nothing by that name is possible right now.</Command.Empty>
              {groups.map((group) => (
                <Command.Group key={group} heading={group} className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-ink-3">
                  {actions
                    .filter((action) => action.group === group)
                    .map((action) => (
                      <Command.Item
                        key={action.id}
                        value={`${action.label} ${action.id}`}
                        keywords={action.keywords?.split(" ") ?? []}
                        onSelect={() => choose(action)}
                        className="flex h-9 items-center gap-3 rounded-md px-3 data-[selected=true]:bg-surface-3"
                      >
                        <span className="flex-1">{action.label}</span>
                        {action.shortcut && <Kbd>{action.shortcut}</Kbd>}
                      </Command.Item>
                    ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
