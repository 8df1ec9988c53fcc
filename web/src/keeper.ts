// Forms marked data-draft-at="/address/": the server keeps, sealed, what is typed until it is saved. This browser holds
// only what the server has not confirmed yet: a computer of the staff room is everybody's.
import { csrf } from "./page";

const PAUSE_MS = 1500;
const AGAIN_MS = 15_000;

/** Everything the server keeps of one form. */
export class Keeper {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private request: AbortController | undefined;
  private typed = 0;
  private kept = 0;

  private readonly at: string;

  /** `read` gives the form's words, `safe` is told when the server has all of them. */
  constructor(
    at: string,
    who: string,
    private readonly read: () => string,
    private readonly safe: () => void,
  ) {
    // Another account may have signed in beside this page: its drafts are its own.
    this.at = `${at}?who=${who}`;
  }

  get waits(): boolean {
    return this.typed > this.kept;
  }

  touched(): void {
    this.typed += 1;
    this.later(PAUSE_MS);
  }

  /** Whether the server has everything now. `last`: the page is going away. */
  async send(last = false): Promise<boolean> {
    clearTimeout(this.timer);
    if (!this.waits) return true;
    const typed = this.typed;
    this.request?.abort();
    const request = (this.request = new AbortController());
    try {
      const answer = await this.ask("PUT", { body: this.read(), keepalive: last, signal: request.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.kept = Math.max(this.kept, typed);
      if (!this.waits) this.safe();
    } catch {
      if (!request.signal.aborted) this.later(AGAIN_MS);
    }
    return !this.waits;
  }

  /** What was kept before; "" when nothing was, or nobody answers. */
  async load(): Promise<string> {
    try {
      const answer = await this.ask("GET", {});
      return answer.status === 200 ? await answer.text() : "";
    } catch {
      return "";
    }
  }

  /** The form is on its way: a draft that arrived after it would come back as something unsaved. */
  stop(): void {
    clearTimeout(this.timer);
    this.request?.abort();
    this.kept = this.typed;
  }

  drop(): void {
    this.stop();
    void this.ask("DELETE", {}).catch(() => undefined);
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(), ms);
  }

  private ask(method: string, more: RequestInit): Promise<Response> {
    // Signed out meanwhile, the server would lead to its door: that is no answer.
    const headers = { "X-CSRFToken": csrf(), "Content-Type": "application/json" };
    return fetch(this.at, { method, headers, redirect: "error", cache: "no-store", credentials: "same-origin", ...more });
  }
}
