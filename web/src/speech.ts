import { each, onClick, word } from "./page";

/** data-read="#id" reads that part of the page aloud; a second press stops. With data-read-now it begins by itself. */
export function speech(): void {
  if (!("speechSynthesis" in window)) {
    document.documentElement.classList.add("no-speech");
    return;
  }
  onClick("[data-read]", (button) => {
    if (speechSynthesis.speaking) return speechSynthesis.cancel();
    const text = document.querySelector<HTMLElement>(button.dataset["read"] ?? "")?.innerText ?? "";
    const said = new SpeechSynthesisUtterance(text);
    said.lang = "zh-CN";
    said.rate = 0.9;
    const label = button.querySelector("span");
    const before = label?.textContent ?? "";
    if (label) label.textContent = word("stop");
    said.onend = said.onerror = () => {
      if (label) label.textContent = before;
    };
    return speechSynthesis.speak(said);
  });
  // A fragment that answers a press may speak; a browser that wants a press first leaves the button for it.
  each<HTMLElement>("[data-read-now]", (button) => button.click());
  window.addEventListener("pagehide", () => speechSynthesis.cancel());
}
