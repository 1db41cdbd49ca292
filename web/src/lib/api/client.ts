// The one way to the API: same-origin cookies, problems thrown as ApiProblem, an idempotency key per mutation.
import { ApiProblem, asProblem, problemFrom } from "./problem";
import { API_BASE } from "@/config/desk";

type Query = Record<string, string | number | undefined>;

async function send<T>(method: string, path: string, options: { query?: Query; body?: unknown } = {}): Promise<T> {
  const url = new URL(`${API_BASE}${path}`, window.location.origin);
  for (const [name, value] of Object.entries(options.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") Object.assign(headers, { "content-type": "application/json", "idempotency-key": crypto.randomUUID() });
  const response = await fetch(url, { method, headers, ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }) }).catch((error: unknown) => {
    throw asProblem(error);
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw problemFrom(response, body);
  if (body === undefined) throw new ApiProblem({ status: response.status, code: "INTERNAL", message: "The desk sent an empty answer." });
  return body as T;
}

export const get = <T,>(path: string, query?: Query): Promise<T> => send<T>("GET", path, query ? { query } : {});
export const post = <T,>(path: string, body: unknown): Promise<T> => send<T>("POST", path, { body });
