import { onClick } from "./page";

function ask(question: string): Promise<boolean> {
  const template = document.getElementById("confirm-template") as HTMLTemplateElement | null;
  const dialog = template?.content.querySelector("dialog")?.cloneNode(true) as HTMLDialogElement | undefined;
  const text = dialog?.querySelector("#confirm-text");
  if (!dialog || !text) return Promise.resolve(window.confirm(question));
  text.textContent = question;
  document.body.append(dialog);
  return new Promise((resolve) => {
    let answer = false;
    dialog.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (!button) return;
      answer = button.value === "yes";
      dialog.close();
    });
    dialog.addEventListener("close", () => (dialog.remove(), resolve(answer)));
    dialog.showModal();
  });
}

/** data-confirm="…?" on a button or link, and hx-confirm of htmx, ask in our own dialog. */
export function confirmations(): void {
  const agreed = new WeakSet<HTMLElement>();
  onClick("[data-confirm]", (element, event) => {
    if (agreed.delete(element)) return;
    event.preventDefault();
    void ask(element.dataset["confirm"] ?? "").then((yes) => {
      if (!yes) return;
      agreed.add(element);
      element.click();
    });
  });
  document.addEventListener("htmx:confirm", (event) => {
    const { question, issueRequest } = (event as CustomEvent).detail as {
      question: string | null;
      issueRequest: (skip: boolean) => void;
    };
    if (!question) return;
    event.preventDefault();
    void ask(question).then((yes) => yes && issueRequest(true));
  });
}
