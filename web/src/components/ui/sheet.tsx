// A sheet from the right (from below on a phone): dangerous actions say here, in money, what will happen.
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";

interface SheetProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
}

export function Sheet({ open, onClose, title, description, children, footer }: SheetProps) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[var(--overlay)]" />
        <Dialog.Content
          data-sheet
          tabIndex={-1}
          onOpenAutoFocus={(event) => {
            // The sheet itself takes the focus: no ring on "Close", no keyboard popping up on a phone.
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          className="fixed z-50 flex flex-col outline-none border-line-strong bg-surface-1 max-md:inset-x-0 max-md:bottom-0 max-md:max-h-[92dvh] max-md:rounded-t-lg max-md:border-t md:inset-y-0 md:right-0 md:w-[440px] md:border-l"
        >
          <header className="flex items-start gap-3 border-b border-line px-5 py-4">
            <div className="min-w-0 flex-1">
              <Dialog.Title className="text-lg font-semibold">{title}</Dialog.Title>
              <Dialog.Description className="mt-0.5 text-xs text-ink-2">{description}</Dialog.Description>
            </div>
            <Dialog.Close aria-label="Close" className="rounded-md p-1.5 text-ink-3 hover:bg-surface-2 hover:text-ink">
              <X aria-hidden className="size-4" />
            </Dialog.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
          {footer && <footer className="border-t border-line px-5 py-4">{footer}</footer>}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
