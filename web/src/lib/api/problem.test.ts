import { describe, expect, it } from "vitest";
import { ApiProblem, asProblem, nextStep, problemFrom } from "./problem";

describe("problems", () => {
  it("carries code, message and request id of the envelope", () => {
    const body = { error: { code: "AI_HALTED", message: "Trading is halted.", details: [], request_id: "ab12" } };
    const problem = problemFrom(new Response(null, { status: 409 }), body);
    expect(problem).toMatchObject({ status: 409, code: "AI_HALTED", message: "Trading is halted.", requestId: "ab12" });
    expect(nextStep(problem)).toContain("resume");
  });

  it("says so when an answer explains nothing", () => {
    const problem = problemFrom(new Response(null, { status: 500, headers: { "x-request-id": "cd34" } }), "<html>");
    expect(problem).toMatchObject({ code: "INTERNAL", requestId: "cd34" });
    expect(problem.message).toContain("500");
  });

  it("reads a failed fetch as a desk that does not answer", () => {
    expect(asProblem(new TypeError("Failed to fetch"))).toMatchObject({ status: 0, code: "UNREACHABLE" });
    expect(asProblem(new DOMException("too late", "TimeoutError"))).toMatchObject({ status: 0, code: "UNREACHABLE" });
    const known = new ApiProblem({ status: 404, code: "NOT_FOUND", message: "gone" });
    expect(asProblem(known)).toBe(known);
  });
});
