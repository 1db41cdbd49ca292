import { fireEvent, render, renderHook, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { registeredActions, useAction, useKeyboard } from "./actions";

function Page({ onHalt, onApprove, withSheet = false }: { onHalt: () => void; onApprove: () => void; withSheet?: boolean }) {
  useKeyboard();
  useAction({ id: "desk.halt", label: "Halt", group: "Desk", shortcut: "h", run: onHalt });
  useAction({ id: "ideas.approve", label: "Approve", group: "Ideas", shortcut: "a", run: onApprove });
  return (
    <div>
      <input aria-label="Lots" />
      {withSheet && <div data-sheet>sheet</div>}
    </div>
  );
}

describe("keys", () => {
  it("runs the action of a key, and none while somebody types", () => {
    const [onHalt, onApprove] = [vi.fn(), vi.fn()];
    render(<Page onHalt={onHalt} onApprove={onApprove} />);
    fireEvent.keyDown(document.body, { key: "a" });
    fireEvent.keyDown(screen.getByLabelText("Lots"), { key: "h" });
    expect(onApprove).toHaveBeenCalledOnce();
    expect(onHalt).not.toHaveBeenCalled();
  });

  it("halts even while a sheet is open, and nothing else then", () => {
    const [onHalt, onApprove] = [vi.fn(), vi.fn()];
    render(<Page onHalt={onHalt} onApprove={onApprove} withSheet />);
    fireEvent.keyDown(document.body, { key: "h" });
    fireEvent.keyDown(document.body, { key: "a" });
    expect(onHalt).toHaveBeenCalledOnce();
    expect(onApprove).not.toHaveBeenCalled();
  });

  it("ignores the browser's own combinations", () => {
    const [onHalt, onApprove] = [vi.fn(), vi.fn()];
    render(<Page onHalt={onHalt} onApprove={onApprove} />);
    fireEvent.keyDown(document.body, { key: "h", ctrlKey: true });
    fireEvent.keyDown(document.body, { key: "a", altKey: true });
    expect(onHalt).not.toHaveBeenCalled();
    expect(onApprove).not.toHaveBeenCalled();
  });

  it("offers an action only while its component is there and it is possible", () => {
    const action = { id: "x", label: "X", group: "Test", run: () => undefined };
    const { rerender, unmount } = renderHook(({ enabled }) => useAction(action, enabled), { initialProps: { enabled: true } });
    expect(registeredActions().map(({ id }) => id)).toContain("x");
    rerender({ enabled: false });
    expect(registeredActions().map(({ id }) => id)).not.toContain("x");
    rerender({ enabled: true });
    unmount();
    expect(registeredActions().map(({ id }) => id)).not.toContain("x");
  });
});
