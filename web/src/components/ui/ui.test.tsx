import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HoldButton } from "./hold-button";
import { PanelBody, type PanelQuery } from "./panel";
import { ApiProblem } from "@/lib/api/problem";

const QUERY: PanelQuery<string[]> = { data: undefined, error: null, isPending: true, isFetching: true, dataUpdatedAt: 0, refetch: () => undefined };

function body(query: Partial<PanelQuery<string[]>>) {
  return render(
    <PanelBody query={{ ...QUERY, ...query }} what="the positions" isEmpty={(rows) => rows.length === 0} empty={<p>Nothing is open</p>}>
      {(rows) => <p>{rows.join()}</p>}
    </PanelBody>,
  );
}

describe("a panel", () => {
  const problem = new ApiProblem({ status: 503, code: "STORAGE_UNAVAILABLE", message: "The record cannot be read.", requestId: "ab12" });

  it("loads", () => {
    body({});
    expect(screen.getByRole("status")).toHaveAccessibleName("Loading the positions");
  });

  it("teaches when it is empty", () => {
    body({ data: [] });
    expect(screen.getByText("Nothing is open")).toBeVisible();
  });

  it("says what failed, why, what next, and the request id", () => {
    const refetch = vi.fn();
    body({ error: problem, refetch });
    const alert = screen.getByRole("alert");
    expect(alert).toHaveTextContent("Could not load the positions");
    expect(alert).toHaveTextContent("The record cannot be read.");
    expect(alert).toHaveTextContent("retries by itself");
    expect(alert).toHaveTextContent("request ab12");
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(refetch).toHaveBeenCalledOnce();
  });

  it("keeps old data with its age instead of hiding it", () => {
    body({ data: ["US30"], error: problem, dataUpdatedAt: Date.now() - 90_000 });
    expect(screen.getByText("US30")).toBeVisible();
    expect(screen.getByRole("status")).toHaveTextContent(/The positions as of 1 min ago/);
  });
});

describe("holding a button", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function hold() {
    const onConfirm = vi.fn();
    render(<HoldButton onConfirm={onConfirm}>Hold to buy</HoldButton>);
    return { onConfirm, button: screen.getByRole("button") };
  }
  const pass = (milliseconds: number) => {
    act(() => {
      vi.advanceTimersByTime(milliseconds);
    });
  };

  it("confirms after the whole time, once", () => {
    const { onConfirm, button } = hold();
    fireEvent.pointerDown(button, { button: 0 });
    pass(2_000);
    fireEvent.pointerUp(button);
    fireEvent.click(button);
    expect(onConfirm).toHaveBeenCalledOnce();
  });

  it("does nothing when released early or only clicked", () => {
    const { onConfirm, button } = hold();
    fireEvent.pointerDown(button, { button: 0 });
    pass(400);
    fireEvent.pointerUp(button);
    fireEvent.click(button);
    pass(2_000);
    expect(onConfirm).not.toHaveBeenCalled();
  });

  it("works with the keyboard, where repeats do not count as new presses", () => {
    const { onConfirm, button } = hold();
    fireEvent.keyDown(button, { key: "Enter" });
    fireEvent.keyDown(button, { key: "Enter", repeat: true });
    pass(1_000);
    fireEvent.keyUp(button, { key: "Enter" });
    expect(onConfirm).toHaveBeenCalledOnce();
  });

  it("asks assistive technology, which can only click, a second time", () => {
    const { onConfirm, button } = hold();
    fireEvent.click(button);
    expect(onConfirm).not.toHaveBeenCalled();
    expect(button).toHaveTextContent("Press once more to confirm");
    fireEvent.click(button);
    expect(onConfirm).toHaveBeenCalledOnce();
  });
});
