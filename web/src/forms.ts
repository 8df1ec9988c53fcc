import { each, onClick, word } from "./page";
import { toast } from "./toast";

async function copy(text: string): Promise<void> {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  // Schools often run without https inside the house, where the clipboard is closed.
  const box = document.createElement("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}

function autosize(box: HTMLTextAreaElement): void {
  if (CSS.supports("field-sizing", "content")) return;
  const fit = (): void => {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
  };
  box.addEventListener("input", fit);
  fit();
}

function drop(zone: HTMLElement): void {
  const input = zone.querySelector<HTMLInputElement>("input[type=file]");
  const hint = zone.querySelector<HTMLElement>(".drop-hint");
  if (!input) return;
  const mark = (over: boolean) => (event: Event): void => {
    event.preventDefault();
    zone.classList.toggle("drop-over", over);
  };
  zone.addEventListener("dragover", mark(true));
  zone.addEventListener("dragleave", mark(false));
  zone.addEventListener("drop", (event) => {
    mark(false)(event);
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", () => {
    if (hint && input.files?.length) hint.textContent = [...input.files].map((f) => f.name).join("、");
  });
}

const AGAIN_AFTER_MS = 8000;

/** A second press while the first is under way would only send everything twice. */
function once(form: HTMLFormElement): void {
  const release = (): void => {
    delete form.dataset["sent"];
    form.querySelectorAll("[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled"));
  };
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    setTimeout(() => {
      if (event.defaultPrevented || form.method !== "post") return;
      button?.setAttribute("aria-disabled", "true");
      form.dataset["sent"] = "yes";
      // A form that answers with a file leaves the page where it is.
      setTimeout(release, AGAIN_AFTER_MS);
    });
    if (form.dataset["sent"]) event.preventDefault();
  });
  window.addEventListener("pageshow", release);
}

export function forms(): void {
  each<HTMLTextAreaElement>("textarea[data-autosize]", autosize);
  each<HTMLElement>("[data-drop]", drop);
  each<HTMLFormElement>("form:not([hx-post])", once);
  onClick("[data-copy]", (button) => {
    const source = document.querySelector<HTMLElement>(button.dataset["copy"] ?? "");
    const text = source instanceof HTMLInputElement ? source.value : source?.textContent?.trim();
    void copy(text ?? "").then(() => toast(word("copied"), "ok"));
  });
  onClick("[data-print]", () => window.print());
  document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
}
