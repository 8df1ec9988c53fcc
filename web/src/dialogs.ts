import { each, onClick } from "./page";

/** Opens <dialog> elements: data-dialog="id" on the opener, data-close on what closes. */
export function dialogs(): void {
  onClick("[data-dialog]", (opener) => {
    const found = document.getElementById(opener.dataset["dialog"] ?? "");
    if (found instanceof HTMLDialogElement && !found.open) found.showModal();
  });
  onClick("[data-close]", (button) => button.closest("dialog")?.close());
  onClick("dialog", (dialog, event) => {
    // A click on the dark ground counts as the dialog itself; a drag out of a text box does not end here.
    if (event.target === dialog && outside(dialog, event)) (dialog as HTMLDialogElement).close();
  });
  // A dialog that came back with mistakes in it, or came as a fragment, shows itself.
  each<HTMLDialogElement>("dialog[data-open]", (dialog) => !dialog.open && dialog.showModal());
}

function outside(dialog: HTMLElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
