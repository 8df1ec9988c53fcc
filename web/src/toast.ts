import { word } from "./page";

export type Kind = "ok" | "bad" | "info";

/** A short word at the edge of the screen; refusals stay until they are closed. */
export function toast(text: string, kind: Kind = "info", action?: { label: string; act: () => void }): void {
  const box = document.getElementById("toasts");
  if (!box || !text) return;
  const item = document.createElement("div");
  item.className = `toast toast-${kind}`;
  const line = document.createElement("p");
  line.textContent = text;
  item.append(line);
  if (action) item.append(button(action.label, () => (action.act(), item.remove())));
  item.append(button(word("close"), () => item.remove()));
  box.append(item);
  if (kind !== "bad" && !action) setTimeout(() => item.remove(), 6000);
}

function button(label: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}
