// Moving a family on the plan's board: by pointer or keyboard, with the effects shown before it is let go.
import { ask, forget, move, type Answer, type Held } from "./outlook";

const FAR = 6; // pixels a mouse moves before it drags
const LONG = 350; // milliseconds a finger rests before it drags
const LINGER = 600; // milliseconds over a week's link before that week opens

interface Hand extends Held {
  family: HTMLElement;
  classes: Set<string>;
  ghost: HTMLElement | null;
  over: HTMLElement | null;
  answer: Answer | null;
}

let hand: Hand | null = null;
let pressed: { family: HTMLElement; x: number; y: number; timer: number } | null = null;
let at = { x: 0, y: 0 };
let lingering: { link: HTMLElement; timer: number } | null = null;
let dragged = false; // the click after a drag opens nothing

const familyOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>("a.family") : null;
const board = (): HTMLElement | null => document.querySelector<HTMLElement>("[data-board]");
const text = (found: Element | null | undefined): string => found?.textContent?.replace(/\s+/g, " ").trim() ?? "";

/** What a place is called: its row's heading and its column's. */
function nameOf(place: HTMLElement): string {
  if (!(place instanceof HTMLTableCellElement)) return place.dataset["label"] ?? "";
  const column = place.closest("table")?.tHead?.rows[0]?.cells[place.cellIndex];
  return `${text(place.parentElement?.firstElementChild)} ${text(column)}`;
}

function take(family: HTMLElement, byPointer: boolean): void {
  hand = {
    family,
    url: family.getAttribute("href") ?? "",
    name: text(family.querySelector("strong")),
    from: family.closest<HTMLElement>("[data-drop]")?.dataset["drop"] ?? "",
    classes: new Set(family.dataset["classes"]?.split(" ")),
    ghost: byPointer ? ghostOf(family) : null,
    over: null,
    answer: null,
  };
  family.classList.add("family-held");
  light();
  document.addEventListener("htmx:afterSwap", light);
}

function ghostOf(family: HTMLElement): HTMLElement {
  const ghost = family.cloneNode(true) as HTMLElement;
  ghost.classList.add("family-ghost");
  ghost.setAttribute("aria-hidden", "true");
  document.body.append(ghost);
  return ghost;
}

/** Rows of other classes step back; also in a week that opened while the family is held. */
function light(): void {
  document.getElementById("plan-body")?.classList.toggle("is-holding", Boolean(hand));
  document.querySelectorAll<HTMLElement>("[data-row]").forEach((row) => {
    row.classList.toggle("row-off", Boolean(hand) && !hand?.classes.has(row.dataset["row"] ?? ""));
  });
}

function mark(kind: "" | "wait" | "ok" | "bad"): void {
  document.querySelectorAll(".drop-wait, .drop-ok, .drop-bad").forEach((one) => {
    one.classList.remove("drop-wait", "drop-ok", "drop-bad");
  });
  if (kind) hand?.over?.classList.add(`drop-${kind}`);
}

/** The panel that says what a move there would do. */
function say(kind: "" | "wait" | "ok" | "bad", words: Element[] = []): void {
  const box = document.getElementById("outlook");
  const given = board()?.dataset ?? {};
  mark(kind);
  if (!box) return;
  box.hidden = !kind;
  const place = hand?.over?.getBoundingClientRect();
  const hides = place && place.right > innerWidth - 420 && place.bottom > innerHeight / 2;
  box.className = `outlook outlook-${kind}${hides ? " outlook-left" : ""}`;
  const line = (name: string, content: string): HTMLElement => {
    const made = document.createElement("p");
    made.className = name;
    made.textContent = content;
    return made;
  };
  const told = { "": "", wait: given["asking"], ok: given["allowed"], bad: given["refused"] }[kind] ?? "";
  const head = hand?.over ? `${hand.name} → ${nameOf(hand.over)}` : "";
  box.replaceChildren(line("outlook-name", head), line("outlook-word", told), ...words);
}

function hover(place: HTMLElement | null): void {
  if (!hand || hand.over === place) return;
  hand.over = place;
  hand.answer = null;
  forget();
  if (!place) return say("");
  const to = place.dataset["drop"] ?? "";
  if (to === hand.from) return say("wait", [textNode(board()?.dataset["here"] ?? "")]);
  say("wait");
  ask(hand, to, (answer) => {
    if (!hand || hand.over !== place) return;
    hand.answer = answer;
    say(answer.seen ? "ok" : "bad", answer.words);
  });
}

function textNode(content: string): HTMLElement {
  const made = document.createElement("p");
  made.textContent = content;
  return made;
}

/** Lets go: where it is allowed, the effects are shown once more and agreed to. */
function letGo(): void {
  const held = hand;
  const to = held?.over?.dataset["drop"] ?? "";
  const name = held?.over ? nameOf(held.over) : "";
  const answer = held?.answer;
  if (held && to && to !== held.from && !answer) return wait(held);
  drop();
  if (!held || !answer?.seen || !to || to === held.from) return;
  agree(`${held.name} → ${name}`, answer.words, () => {
    void move(held, to, answer.seen, board()?.dataset ?? {});
  });
}

/** Let go before the answer was there: the question is asked to its end. */
function wait(held: Hand): void {
  const place = held.over;
  held.ghost?.remove();
  held.ghost = null;
  const tick = window.setInterval(() => {
    if (hand === held && held.over === place && !held.answer) return;
    clearInterval(tick);
    if (hand === held && held.over === place) letGo();
  }, 50);
}

function agree(name: string, words: Element[], yes: () => void): void {
  const dialog = document.getElementById("drop-dialog");
  const button = document.getElementById("drop-yes");
  if (!(dialog instanceof HTMLDialogElement) || !button) return;
  document.getElementById("drop-name")?.replaceChildren(name);
  document.getElementById("drop-words")?.replaceChildren(...words);
  button.onclick = () => (dialog.close(), yes());
  dialog.showModal();
}

/** Puts the family back into its place on the screen; nothing has been changed. */
function drop(): void {
  forget();
  say("");
  hand?.ghost?.remove();
  hand?.family.classList.remove("family-held");
  hand = null;
  light();
  document.removeEventListener("htmx:afterSwap", light);
  leaveLink();
}

function leaveLink(): void {
  clearTimeout(lingering?.timer);
  lingering = null;
}

function linger(found: Element | null): void {
  const link = found?.closest<HTMLElement>("[data-linger]") ?? null;
  if (link === (lingering?.link ?? null)) return;
  leaveLink();
  if (link) lingering = { link, timer: window.setTimeout(() => link.click(), LINGER) };
}

/** Near its edge the board scrolls by itself. */
function creep(): void {
  if (!hand?.ghost) return;
  const box = document.elementFromPoint(at.x, at.y)?.closest<HTMLElement>(".week-grid");
  if (box) {
    const edge = box.getBoundingClientRect();
    const pull = (near: number, far: number): number => (near < 40 ? -12 : far < 40 ? 12 : 0);
    const [x, y] = [pull(at.x - edge.left - 90, edge.right - at.x), pull(at.y - edge.top - 40, edge.bottom - at.y)];
    if (x || y) {
      box.scrollBy(x, y);
      follow();
    }
  }
  requestAnimationFrame(creep);
}

function follow(): void {
  if (!hand?.ghost) return;
  hand.ghost.style.transform = `translate(${at.x + 12}px, ${at.y + 12}px)`;
  const found = document.elementFromPoint(at.x, at.y);
  linger(found);
  hover(found?.closest<HTMLElement>("[data-drop]") ?? null);
}

function begin(): void {
  if (!pressed) return;
  clearTimeout(pressed.timer);
  const { family } = pressed;
  pressed = null;
  dragged = true;
  take(family, true);
  follow();
  requestAnimationFrame(creep);
}

document.addEventListener("pointerdown", (event) => {
  const family = familyOf(event.target);
  dragged = false;
  if (!family || event.button !== 0 || hand) return;
  at = { x: event.clientX, y: event.clientY };
  const timer = event.pointerType === "mouse" ? 0 : window.setTimeout(begin, LONG);
  pressed = { family, ...at, timer };
});
document.addEventListener("pointermove", (event) => {
  at = { x: event.clientX, y: event.clientY };
  if (hand?.ghost) return follow();
  if (!pressed || Math.hypot(at.x - pressed.x, at.y - pressed.y) < FAR) return;
  if (event.pointerType === "mouse") return begin();
  clearTimeout(pressed.timer);
  pressed = null; // a finger that moves at once scrolls
});
document.addEventListener("pointerup", () => {
  clearTimeout(pressed?.timer);
  pressed = null;
  if (hand?.ghost) letGo();
});
document.addEventListener("pointercancel", () => {
  clearTimeout(pressed?.timer);
  pressed = null;
  if (hand?.ghost) drop();
});
document.addEventListener("touchmove", (event) => hand?.ghost && event.preventDefault(), { passive: false });
document.addEventListener("contextmenu", (event) => hand?.ghost && event.preventDefault());
document.addEventListener("dragstart", (event) => familyOf(event.target) && event.preventDefault());
document.addEventListener(
  "click",
  (event) => {
    if (!dragged || !familyOf(event.target)) return;
    dragged = false;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

// By keyboard: the places are those of the family's classes, in the order they stand.
function step(by: 1 | -1): void {
  if (!hand) return;
  const places = [...document.querySelectorAll<HTMLElement>("[data-row]:not(.row-off) [data-drop], .tray[data-drop]")];
  const here = hand.over ?? hand.family.closest<HTMLElement>("[data-drop]");
  const next = places[(places.indexOf(here as HTMLElement) + by + places.length) % places.length];
  next?.scrollIntoView({ block: "nearest", inline: "nearest" });
  hover(next ?? null);
}

const KEYS: Record<string, () => void> = {
  ArrowRight: () => step(1),
  ArrowDown: () => step(1),
  ArrowLeft: () => step(-1),
  ArrowUp: () => step(-1),
  Enter: letGo,
  " ": letGo,
  Escape: drop,
};
document.addEventListener("keydown", (event) => {
  const family = familyOf(event.target);
  if (hand) {
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  } else if (family && event.key === " ") {
    event.preventDefault();
    take(family, false);
    say("wait", [textNode(text(document.getElementById("board-how")))]);
  }
});
