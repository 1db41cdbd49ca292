// The one error the browser knows: the server's problem envelope, or what stands in for it when no answer came.

export interface ProblemFields {
  status: number;
  code: string;
  message: string;
  details?: unknown;
  requestId?: string | undefined;
}

export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  readonly requestId: string | undefined;

  constructor(fields: ProblemFields) {
    super(fields.message);
    this.name = "ApiProblem";
    this.status = fields.status;
    this.code = fields.code;
    this.details = fields.details;
    this.requestId = fields.requestId;
  }
}

const NEXT_STEPS: Record<string, string> = {
  UNAUTHORIZED: "Sign in again with a new link: tradewarden sign-in-link",
  FORBIDDEN: "Ask the owner of the desk for access.",
  INVALID_INPUT: "Correct the value and try again.",
  NOT_FOUND: "It may have been removed; go back and choose again.",
  CONFLICT: "Something changed meanwhile: the panel now shows the current state.",
  PRECONDITION_FAILED: "Something changed meanwhile: the panel now shows the current state.",
  RATE_LIMITED: "Wait a moment, then try again.",
  RISK_VIOLATION: "The decision record says which check failed and by how much.",
  STRATEGY_BLOCKED: "The strategy is switched off or not published; nothing was sent.",
  AI_HALTED: "Trading is halted; resume it first if the cause is gone.",
  BROKER_UNAVAILABLE: "Nothing was sent. The desk connects again by itself.",
  BROKER_REJECTED: "The broker refused; its answer is in the history.",
  ORDER_UNKNOWN: "The outcome is being reconciled; do not send it again.",
  STORAGE_UNAVAILABLE: "The desk opens nothing until its record can be written again; it retries by itself.",
  UNREACHABLE: "Check that the desk is running; this page connects again by itself.",
};

/** What the reader can do about a problem, one sentence. */
export function nextStep(problem: ApiProblem): string {
  return NEXT_STEPS[problem.code] ?? "Try again; if it stays, look for the request id in the desk's log.";
}

interface Envelope {
  error: { code: string; message: string; details?: unknown; request_id?: string };
}

function isEnvelope(body: unknown): body is Envelope {
  if (typeof body !== "object" || body === null || !("error" in body)) return false;
  const { error } = body;
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}

/** The problem an answer carries; an answer without the envelope keeps its status and says so. */
export function problemFrom(response: Response, body: unknown): ApiProblem {
  if (isEnvelope(body)) {
    const { code, message, details, request_id: requestId } = body.error;
    return new ApiProblem({ status: response.status, code, message, details, requestId });
  }
  return new ApiProblem({
    status: response.status,
    code: response.status >= 502 && response.status <= 504 ? "UNREACHABLE" : "INTERNAL",
    message: `The desk answered ${response.status} without an explanation.`,
    requestId: response.headers.get("x-request-id") ?? undefined,
  });
}

/** Whatever was thrown, as a problem: a failed fetch means that the desk was not reached. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const late = error instanceof DOMException && error.name === "TimeoutError";
  if (error instanceof TypeError || late) {
    return new ApiProblem({ status: 0, code: "UNREACHABLE", message: "The desk does not answer." });
  }
  return new ApiProblem({ status: 0, code: "INTERNAL", message: error instanceof Error ? error.message : String(error) });
}
