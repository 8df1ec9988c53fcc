import htmx from "htmx.org";

import { csrf, word } from "./page";
import { toast, type Kind } from "./toast";

/** The sentence of a refusal, from a whole error page or a fragment. */
export function refusal(answer: string): string {
  const page = new DOMParser().parseFromString(answer, "text/html");
  return page.querySelector("[data-refusal]")?.textContent?.trim() || word("failed");
}

/** htmx with our token, and the server's own sentence when something is refused. */
export function requests(): void {
  htmx.config.includeIndicatorStyles = false;
  htmx.config.allowEval = false;
  const on = (name: string, act: (detail: any) => void): void =>
    document.addEventListener(name, (event) => act((event as CustomEvent).detail));

  on("htmx:configRequest", (detail) => {
    detail.headers["X-CSRFToken"] = csrf();
  });
  on("htmx:responseError", (detail) => toast(refusal(detail.xhr.responseText as string), "bad"));
  on("htmx:sendError", () => toast(word("offline"), "bad"));
  on("htmx:timeout", () => toast(word("offline"), "bad"));
  // The server may say a word with any answer: HX-Trigger: {"toast": {"text": …, "kind": "ok"}}
  on("toast", (detail) => toast(String(detail.text ?? detail.value ?? ""), (detail.kind as Kind) ?? "ok"));
  // Tabs that load a fragment move their mark along without a new page.
  document.addEventListener("htmx:afterOnLoad", (event) => {
    const tab = event.target instanceof Element ? event.target.closest("[data-tab]") : null;
    if (!tab) return;
    tab.closest("nav")?.querySelector("[aria-current]")?.removeAttribute("aria-current");
    tab.setAttribute("aria-current", "page");
  });
}
