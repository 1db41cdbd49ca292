// The one way to the API: a client typed by the generated contract. Same-origin cookies, problems thrown as
// ApiProblem, an idempotency key on everything that changes something.
import createClient, { type Middleware } from "openapi-fetch";
import { asProblem, problemFrom } from "./problem";
import type { paths } from "./schema";

const idempotency: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("idempotency-key", crypto.randomUUID());
    return request;
  },
};

/** A desk that hangs must not hold the page's few connections: past this time a question counts as unanswered. */
const ANSWER_WITHIN_MS = 10_000;
/** What changes something may wait for the broker; giving up earlier would only hide what became of it. */
const ACT_WITHIN_MS = 30_000;

function fetchInTime(request: Request): Promise<Response> {
  const limit = AbortSignal.timeout(request.method === "GET" ? ANSWER_WITHIN_MS : ACT_WITHIN_MS);
  return fetch(request, { signal: AbortSignal.any([request.signal, limit]) });
}

function connect() {
  const client = createClient<paths>({
    baseUrl: window.location.origin,
    credentials: "same-origin",
    fetch: fetchInTime,
  });
  client.use(idempotency);
  return client;
}

export const api = connect();

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer; a refusal or a failed connection is thrown as ApiProblem. */
export async function unwrap<T>(pending: Promise<Answer<T>>): Promise<T> {
  const answer = await pending.catch((error: unknown) => {
    throw asProblem(error);
  });
  if (answer.data === undefined) throw problemFrom(answer.response, answer.error);
  return answer.data;
}
