// A campaign's own questions below a record, or below each family of a group visit: only those that are asked after the
// answers so far are to be seen. What is not asked is not sent; what was typed there comes back when it is asked again.
// The phones' app decides the same way.
import { type Answers, type Question, review } from "../../recorder/src/questions";
import { each } from "./page";

type Box = HTMLInputElement | HTMLTextAreaElement;

/** What the boxes of one question say. */
function said(place: HTMLElement): string | string[] {
  const boxes = [...place.querySelectorAll<Box>("[name]")];
  const picks = boxes.filter((box): box is HTMLInputElement => box instanceof HTMLInputElement && ["radio", "checkbox"].includes(box.type));
  if (!picks.length) return boxes[0]?.value ?? "";
  const on = picks.filter((box) => box.checked).map((box) => box.value);
  return picks[0]?.type === "checkbox" ? on : (on[0] ?? "");
}

function asks(root: HTMLElement): void {
  const { questions, today } = JSON.parse(document.getElementById("asked")?.textContent ?? "{}") as { questions: Question[]; today: string };
  const form = root.closest("form");
  const places = new Map([...root.querySelectorAll<HTMLElement>("[data-question]")].map((place) => [place.dataset["question"] ?? "", place]));
  const fit = (): void => {
    const given: Answers = {};
    for (const [name, place] of places) given[name] = said(place);
    const day = form?.querySelector<HTMLInputElement>("[name=visit_date]")?.value || today;
    const shown = new Set(review(questions, given, day).shown);
    for (const [name, place] of places) {
      const off = !shown.has(name);
      place.hidden = off;
      place.querySelectorAll<Box>("[name]").forEach((box) => (box.disabled = off));
    }
    root.querySelectorAll<HTMLElement>("[data-block]").forEach((block) => {
      block.hidden = !block.querySelector("[data-question]:not([hidden])");
    });
  };
  form?.addEventListener("input", fit);
  form?.addEventListener("change", fit);
  if (form?.hasAttribute("data-preview")) form.addEventListener("submit", (event) => event.preventDefault());
  fit();
}

each("[data-questions]", asks);
