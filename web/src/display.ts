import { each } from "./page";

const SHOWN = { theme: "auto", type: "standard" };
type Choice = keyof typeof SHOWN;

function stored(choice: Choice): string {
  try {
    return localStorage.getItem(`koumen-${choice}`) ?? SHOWN[choice];
  } catch {
    return SHOWN[choice];
  }
}

function apply(): void {
  const theme = stored("theme");
  const dark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset["bsTheme"] = dark ? "dark" : "light";
  document.documentElement.classList.toggle("type-large", stored("type") === "large");
}

/** The switches for light or dark and for the size of type. */
export function display(): void {
  each<HTMLFieldSetElement>("[data-display]", (set) => {
    const choice = set.dataset["display"] as Choice;
    const buttons = [...set.querySelectorAll("button")];
    const mark = (): void => buttons.forEach((b) => b.setAttribute("aria-pressed", String(b.value === stored(choice))));
    mark();
    set.addEventListener("click", (event) => {
      const pressed = event.target instanceof Element ? event.target.closest("button") : null;
      if (!pressed) return;
      try {
        localStorage.setItem(`koumen-${choice}`, pressed.value);
      } catch {
        return; // Without storage the choice could not outlive this page.
      }
      apply();
      mark();
    });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
}
