// What every behaviour needs: elements, the page's own words, and new fragments.

export type Words = "offline" | "failed" | "copied" | "restored" | "discard" | "close" | "stop" | "unsent" | "unsaved";

/** A sentence of the page, translated by the server. */
export function word(key: Words): string {
  return document.getElementById("words")?.dataset[key] ?? "";
}

/** Runs for every matching element, now and in each fragment that arrives later. */
export function each<T extends HTMLElement>(selector: string, act: (element: T) => void): void {
  const run = (root: ParentNode): void => {
    if (root instanceof HTMLElement && root.matches(selector)) act(root as T);
    root.querySelectorAll<T>(selector).forEach(act);
  };
  run(document);
  document.addEventListener("htmx:load", (event) => {
    // htmx also announces the whole body at the start, which has been done above.
    if (event.target instanceof HTMLElement && event.target !== document.body) run(event.target);
  });
}

/** One listener on the document for all present and future elements. */
export function onClick(selector: string, act: (element: HTMLElement, event: MouseEvent) => void): void {
  document.addEventListener("click", (event) => {
    const found = event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null;
    if (found) act(found, event);
  });
}

export function csrf(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
}
