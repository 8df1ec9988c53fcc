// One request at a time to the server, with every way it can end named.
import { API } from "./words";

const PATIENCE_MS = 30_000;

/** No answer: no signal, a cut line, a server that is down. What was sent may have arrived. */
export class NoAnswer extends Error {}

/** Come back later; `seconds` are the server's. */
export class Later extends Error {
  constructor(readonly seconds: number) {
    super();
  }
}

export class SignedOut extends Error {}

export interface Answer<T> { status: number; body: T }

let csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";

/** The server tells a fresh one with every sync; an old page's may be over. */
export function setCsrf(token: string): void {
  csrf = token;
}

export async function ask<T>(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<Answer<T>> {
  let response: Response;
  let told: T;
  try {
    response = await fetch(API + path, {
      method,
      body: body ?? null,
      headers: { "X-CSRFToken": csrf, ...headers },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    told = (await response.json()) as T;
  } catch {
    throw new NoAnswer();
  }
  if (response.status === 401) throw new SignedOut();
  if (response.status === 429 || response.status >= 500) {
    throw new Later(Number(response.headers.get("Retry-After")) || 30);
  }
  return { status: response.status, body: told };
}

export function askJson<T>(method: string, path: string, body: unknown): Promise<Answer<T>> {
  return ask<T>(method, path, JSON.stringify(body), { "Content-Type": "application/json" });
}
