import { fireEvent, render, screen } from "@testing-library/react";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { matching, Palette } from "./palette";
import { useAction, useKeyboard, type Action } from "@/lib/keyboard/actions";

const action = (id: string, label: string, group: string, keywords = ""): Action => ({ id, label, group, keywords, run: () => undefined });

function Page({ onHalt, onHistory }: { onHalt: () => void; onHistory: () => void }) {
  useKeyboard();
  useAction({ id: "desk.halt", label: "Halt trading now", group: "Desk", shortcut: "h", run: onHalt });
  useAction({ id: "go.history", label: "Go to the decision history", group: "Go to", run: onHistory });
  return <Palette />;
}

beforeAll(() => {
  // What the list library asks of a browser and jsdom has not.
  Object.assign(globalThis, { ResizeObserver: class { observe() { return; } unobserve() { return; } disconnect() { return; } } });
  Object.assign(Element.prototype, { scrollIntoView: () => undefined });
});

describe("the palette", () => {
  it("finds by every typed word, keywords included, and puts going places first", () => {
    const all = [action("halt", "Halt trading now", "Desk", "stop kill"), action("go", "Go to the desk", "Go to"), action("a", "Approve XAUUSD…", "Ideas")];
    expect(matching(all, "").map(({ id }) => id)).toEqual(["go", "a", "halt"]);
    expect(matching(all, "kill").map(({ id }) => id)).toEqual(["halt"]);
    expect(matching(all, "desk go").map(({ id }) => id)).toEqual(["go"]);
    expect(matching(all, "zzz")).toEqual([]);
  });

  it("runs what is on the list, however quickly Enter follows the typing", async () => {
    const [onHalt, onHistory] = [vi.fn(), vi.fn()];
    render(<Page onHalt={onHalt} onHistory={onHistory} />);
    fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
    const input = screen.getByPlaceholderText("What do you want to do?");
    fireEvent.change(input, { target: { value: "halt" } });
    fireEvent.change(input, { target: { value: "history" } });
    fireEvent.keyDown(input, { key: "Enter" });
    await vi.waitFor(() => expect(onHistory).toHaveBeenCalledOnce());
    expect(onHalt).not.toHaveBeenCalled();
  });
});
