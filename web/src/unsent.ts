import { word } from "./page";
import { toast } from "./toast";

/** Nobody signs out of a phone that still holds records; the recorder counts them here (recorder/src/sync.ts). */
export function unsent(): void {
  // Before anybody else hears of the press: other things are forgotten at signing out.
  document.addEventListener(
    "click",
    (event) => {
      const pressed = event.target instanceof Element ? event.target.closest("form[data-forget] button") : null;
      if (!pressed || !Number(localStorage.getItem("koumen-unsent"))) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      toast(word("unsent"), "bad");
    },
    { capture: true },
  );
}
