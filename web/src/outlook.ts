// What a move would change: asked of the server while a family hangs over a place, shown, agreed to, done, undone.
import htmx from "htmx.org";

import { csrf } from "./page";
import { refusal } from "./requests";
import { toast } from "./toast";

/** A family in the hand: `url` is its page of moving, `from` the place it was taken from. */
export interface Held {
  url: string;
  name: string;
  from: string;
}

/** `seen` is the state of the plan the answer speaks of; "" when the move is refused. */
export interface Answer {
  seen: string;
  words: Element[];
}

const PAUSE = 120; // milliseconds over a place before the server is asked
let asked: AbortController | null = null;
let waiting = 0;

/** Ends whatever is being asked. */
export function forget(): void {
  clearTimeout(waiting);
  asked?.abort();
  asked = null;
}

/** Asks what a move there would do, after a short pause; a later question takes this one's place. */
export function ask(held: Held, to: string, tell: (answer: Answer) => void): void {
  forget();
  waiting = window.setTimeout(() => {
    const mine = (asked = new AbortController());
    look(held, to, mine.signal).then(
      (answer) => !mine.signal.aborted && tell(answer),
      (fault: unknown) => {
        if (!mine.signal.aborted) tell({ seen: "", words: [paragraph(String(fault))] });
      },
    );
  }, PAUSE);
}

async function look(held: Held, to: string, signal?: AbortSignal): Promise<Answer> {
  const url = `${held.url}?to=${encodeURIComponent(to)}`;
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: signal ?? null });
  const text = await answer.text();
  const page = parsed(text);
  const seen = page.querySelector<HTMLInputElement>("[name=seen]")?.value ?? "";
  return { seen, words: seen ? [...page.querySelectorAll("[data-effects]")] : why(text) };
}

function parsed(text: string): Document {
  return new DOMParser().parseFromString(text, "text/html");
}

/** The reasons of a refused move, or the sentence of any other refusal. */
function why(text: string): Element[] {
  const given = [...parsed(text).querySelectorAll(".notice-bad .notice-text")];
  return given.length ? given : [paragraph(refusal(text))];
}

function spoken(words: Element[]): string {
  return words.map((word) => word.textContent?.replace(/\s+/g, " ").trim()).join(" ");
}

function paragraph(text: string): HTMLElement {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

/** Does a move whose effects were seen; true when it is done. */
async function send(held: Held, to: string, seen: string): Promise<boolean> {
  const body = new URLSearchParams({ to, seen });
  const headers = { "X-CSRFToken": csrf(), "HX-Request": "true" };
  const answer = await fetch(held.url, { method: "POST", body, headers });
  if (!answer.ok) toast(spoken(why(await answer.text())), "bad");
  return answer.ok;
}

/** Moves, shows the board as it is now, and offers the way back. */
export async function move(held: Held, to: string, seen: string, words: DOMStringMap): Promise<void> {
  const done = await send(held, to, seen);
  await refresh(held.url);
  if (!done) return;
  const act = (): void => void undo(held, words);
  toast(`${held.name}${words["done"] ?? ""}`, "ok", { label: words["undo"] ?? "", act });
}

async function undo(held: Held, words: DOMStringMap): Promise<void> {
  const back = await look(held, held.from);
  if (!back.seen) return toast(spoken(back.words), "bad");
  const done = await send(held, held.from, back.seen);
  await refresh(held.url);
  if (done) toast(`${held.name}${words["undone"] ?? ""}`, "ok");
}

/** The board anew, where it was scrolled to, with the family that moved in sight and in focus. */
async function refresh(url: string): Promise<void> {
  const places = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(".week-grid")];
  const kept = places().map((box) => [box.scrollLeft, box.scrollTop] as const);
  await htmx.ajax("get", location.pathname + location.search, { target: "#plan-body", swap: "innerHTML" });
  places().forEach((box, i) => box.scrollTo(kept[i]?.[0] ?? 0, kept[i]?.[1] ?? 0));
  const family = document.querySelector<HTMLElement>(`[data-board] a[href="${url}"]`);
  family?.classList.add("family-new");
  family?.scrollIntoView({ block: "nearest", inline: "nearest" });
  family?.focus({ preventScroll: true });
}
