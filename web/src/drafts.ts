// Nothing typed is lost: forms marked data-draft="name" keep their words in this tab until they are sent.
// The session storage of the tab, not the local one: words about children must not stay on a shared computer. With
// data-draft-at they stay here only until the server has them (keeper.ts).
import { Keeper } from "./keeper";
import { each, word } from "./page";
import { toast } from "./toast";

const PREFIX = "koumen-draft:";
const SENT = "koumen-sent:";
type Values = Record<string, string[]>;
type Box = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function kept(box: Element): box is Box {
  if (!(box instanceof HTMLInputElement)) return box instanceof HTMLSelectElement || box instanceof HTMLTextAreaElement;
  return !["hidden", "password", "file", "submit", "button"].includes(box.type);
}

function boxes(form: HTMLFormElement): Box[] {
  return [...form.elements].filter(kept).filter((box) => box.name !== "");
}

function read(form: HTMLFormElement): Values {
  const values: Values = {};
  for (const box of boxes(form)) {
    const list = (values[box.name] ??= []);
    if (box instanceof HTMLInputElement && ["checkbox", "radio"].includes(box.type)) {
      if (box.checked) list.push(box.value);
    } else if (box instanceof HTMLSelectElement) {
      list.push(...[...box.selectedOptions].map((option) => option.value));
    } else list.push(box.value);
  }
  return values;
}

function write(form: HTMLFormElement, values: Values): void {
  const next: Record<string, number> = {};
  for (const box of boxes(form)) {
    const list = values[box.name];
    if (!list) continue;
    if (box instanceof HTMLInputElement && ["checkbox", "radio"].includes(box.type)) box.checked = list.includes(box.value);
    else if (box instanceof HTMLSelectElement) [...box.options].forEach((o) => (o.selected = list.includes(o.value)));
    else {
      const place = next[box.name] ?? 0;
      next[box.name] = place + 1;
      box.value = list[place] ?? "";
    }
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const WAIT_MS = 3000;
const keepers: Keeper[] = [];
const who = (): string => document.body.dataset["who"] ?? "";

function key(form: HTMLFormElement): string {
  return `${who()}:${location.pathname}:${form.dataset["draft"] ?? ""}`;
}

function keep(form: HTMLFormElement): void {
  const name = key(form);
  const now = (): string => JSON.stringify(read(form));
  const fresh = now();
  const keeper = keeperOf(form, name, now);
  // A page that came back with mistakes, or brings words along from another, holds the newest words already.
  const isNewest = form.querySelector("[aria-invalid=true]") !== null || form.dataset["draftNow"] !== undefined;
  const restore = (saved: string): void => {
    if (!saved || saved === now()) return;
    write(form, JSON.parse(saved) as Values);
    const undo = (): void => (forget(name), write(form, JSON.parse(fresh) as Values), forget(name), keeper?.drop());
    toast(word("restored"), "info", { label: word("discard"), act: undo });
  };
  const saved = sessionStorage.getItem(PREFIX + name);
  form.addEventListener("input", () => {
    sessionStorage.setItem(PREFIX + name, now());
    keeper?.touched();
  });
  if (isNewest) keeper?.touched();
  else if (saved) restore(saved);
  else
    void keeper?.load().then((words) => {
      if (!words || now() !== fresh) return;
      restore(words);
      keeper.stop(); // the server has just told it
      sessionStorage.removeItem(PREFIX + name);
    });
  form.addEventListener("submit", () => {
    // Until the next page says that it was taken: the sign-in may be over.
    sessionStorage.setItem(PREFIX + name, now());
    sessionStorage.setItem(SENT + name, "1");
    keeper?.stop();
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if ((event as CustomEvent).detail.successful && (event as CustomEvent).detail.elt === form) forget(name);
  });
}

function keeperOf(form: HTMLFormElement, name: string, now: () => string): Keeper | undefined {
  const at = form.dataset["draftAt"];
  if (!at) return undefined;
  const keeper = new Keeper(at, who(), now, () => sessionStorage.removeItem(PREFIX + name));
  keepers.push(keeper);
  return keeper;
}

function forget(name: string): void {
  sessionStorage.removeItem(PREFIX + name);
  sessionStorage.removeItem(SENT + name);
}

function names(prefix: string): string[] {
  return Object.keys(sessionStorage).filter((k) => k.startsWith(prefix)).map((k) => k.slice(prefix.length));
}

/** Sent drafts go once the next page is no error page and does not ask for corrections or for signing in. */
function clearSent(): void {
  const isOut = document.body.dataset["who"] === undefined;
  const refused = isOut || document.querySelector("[data-refusal], [aria-invalid=true]") !== null;
  for (const name of names(SENT)) {
    if (!refused) forget(name);
    else sessionStorage.removeItem(SENT + name);
  }
  // Somebody else sits here now.
  if (who()) names(PREFIX).filter((name) => !name.startsWith(`${who()}:`)).forEach(forget);
}

/** Nobody signs out before the server has what was typed; then this browser forgets it. */
function signOut(form: HTMLFormElement): void {
  let warned = false;
  form.addEventListener("submit", (event) => {
    if (!keepers.some((one) => one.waits) || warned) return names(PREFIX).forEach(forget);
    event.preventDefault();
    const late = new Promise<boolean>((done) => setTimeout(() => done(false), WAIT_MS));
    const all = Promise.all(keepers.map((one) => one.send(true))).then((sent) => sent.every(Boolean));
    void Promise.race([all, late]).then((safe) => {
      warned = true;
      if (safe) form.requestSubmit();
      else toast(word("unsaved"), "bad");
    });
    return undefined;
  });
}

export function drafts(): void {
  try {
    clearSent();
    each<HTMLFormElement>("form[data-draft]", keep);
    each<HTMLFormElement>("form[data-forget]", signOut);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") keepers.forEach((one) => void one.send(true));
    });
  } catch {
    // Storage may be closed; forms then work as plain forms.
  }
}
