import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

// jsdom knows no pointer events; one is a mouse event with a pointer's name.
if (!("PointerEvent" in globalThis)) Object.assign(globalThis, { PointerEvent: class extends MouseEvent {} });

afterEach(cleanup);
