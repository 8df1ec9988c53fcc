// Nothing typed is lost: forms marked data-draft="name" keep their words in this tab until they are sent.
// The session storage of the tab, not the local one: words about children must not stay on a shared computer.
import { each, onClick, word } from "./page";
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

function key(form: HTMLFormElement): string {
  return `${document.body.dataset["who"] ?? ""}:${location.pathname}:${form.dataset["draft"] ?? ""}`;
}

function keep(form: HTMLFormElement): void {
  const name = key(form);
  const fresh = JSON.stringify(read(form));
  const saved = sessionStorage.getItem(PREFIX + name);
  // A page that came back with mistakes holds the newest words already.
  if (saved && saved !== fresh && !form.querySelector("[aria-invalid=true]")) {
    write(form, JSON.parse(saved) as Values);
    const undo = (): void => (sessionStorage.removeItem(PREFIX + name), write(form, JSON.parse(fresh) as Values));
    toast(word("restored"), "info", { label: word("discard"), act: undo });
  }
  form.addEventListener("input", () => sessionStorage.setItem(PREFIX + name, JSON.stringify(read(form))));
  form.addEventListener("submit", () => sessionStorage.setItem(SENT + name, "1"));
  form.addEventListener("htmx:afterRequest", (event) => {
    if ((event as CustomEvent).detail.successful && (event as CustomEvent).detail.elt === form) forget(name);
  });
}

function forget(name: string): void {
  sessionStorage.removeItem(PREFIX + name);
  sessionStorage.removeItem(SENT + name);
}

function names(prefix: string): string[] {
  return Object.keys(sessionStorage).filter((k) => k.startsWith(prefix)).map((k) => k.slice(prefix.length));
}

/** Sent drafts go once the next page is no error page and does not ask for corrections. */
function clearSent(): void {
  const refused = document.querySelector("[data-refusal], [aria-invalid=true]") !== null;
  for (const name of names(SENT)) {
    if (!refused) forget(name);
    else sessionStorage.removeItem(SENT + name);
  }
}

export function drafts(): void {
  try {
    clearSent();
    each<HTMLFormElement>("form[data-draft]", keep);
    onClick("[data-forget] button", () => names(PREFIX).forEach(forget));
  } catch {
    // Storage may be closed; forms then work as plain forms.
  }
}
