// Ctrl+K: every action that is possible now, with its key beside it.
import { Command } from "cmdk";
import { Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { Kbd } from "@/components/ui/kbd";
import { useAction, useActions, type Action } from "@/lib/keyboard/actions";

const OWN_ID = "app.palette";

/** Going somewhere comes first: what is chosen before anything is typed must be harmless. */
const FIRST_GROUPS = ["Go to"];
const LAST_GROUPS = ["Desk", "Appearance", "Session", "Help"];

function rank({ group }: Action): number {
  return FIRST_GROUPS.includes(group) ? -1 : 1 + LAST_GROUPS.indexOf(group);
}

/** The actions that carry every typed word, in the order of their groups. */
export function matching(actions: readonly Action[], typed: string): Action[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return actions
    .filter((action) => {
      const text = `${action.label} ${action.group} ${action.keywords ?? ""}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => rank(a) - rank(b));
}

export function Palette() {
  const [isOpen, setIsOpen] = useState(false);
  useAction({ id: OWN_ID, label: "Open the palette", group: "Help", shortcut: "Mod+k", run: () => setIsOpen((open) => !open) });
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
          <Choices onChosen={() => setIsOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Choices({ onChosen }: { onChosen: () => void }) {
  const actions = useActions().filter((action) => action.id !== OWN_ID);
  const [typed, setTyped] = useState("");
  const [wanted, setWanted] = useState<string | null>(null);
  const found = matching(actions, typed);
  // Selected here and not by the library, which re-selects a moment after typing: Enter must never run an action
  // that is no longer on the list.
  const selected = found.find((action) => action.id === wanted) ?? found[0];
  const groups = [...new Set(found.map((action) => action.group))];

  const choose = (action: Action) => {
    onChosen();
    // After the palette is gone: an action may open a sheet, which wants the focus.
    requestAnimationFrame(action.run);
  };
  return (
    <Command loop label="Actions" shouldFilter={false} value={selected?.id ?? ""} onValueChange={setWanted}>
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search aria-hidden className="size-4 text-ink-3" />
        <Command.Input
          value={typed}
          onValueChange={(text) => {
            setTyped(text);
            setWanted(null);
          }}
          placeholder="What do you want to do?"
          className="h-12 flex-1 bg-transparent text-base outline-none placeholder:text-ink-3"
        />
      </div>
      <Command.List className="max-h-[50vh] overflow-y-auto p-2">
        <Command.Empty className="px-3 py-6 text-center text-xs text-ink-3">Nothing by that name is possible right now.</Command.Empty>
        {groups.map((group) => (
          <Command.Group
            key={group}
            heading={group}
            className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-ink-3"
          >
            {found
              .filter((action) => action.group === group)
              .map((action) => (
                <Command.Item
                  key={action.id}
                  value={action.id}
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
  );
}
