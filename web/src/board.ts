// Dragging a family onto another outing opens the page that says what the move would change.
import { each } from "./page";

each<HTMLElement>("[data-board]", (board) => {
  let dragged: HTMLElement | null = null;
  const column = (event: DragEvent): HTMLElement | null =>
    event.target instanceof Element ? event.target.closest<HTMLElement>("[data-drop]") : null;
  const light = (over: HTMLElement | null): void =>
    board.querySelectorAll("[data-drop]").forEach((one) => one.classList.toggle("board-over", one === over));

  board.addEventListener("dragstart", (event) => {
    dragged = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-drag]") : null;
    event.dataTransfer?.setData("text/plain", dragged?.dataset.drag ?? "");
  });
  board.addEventListener("dragover", (event) => {
    const over = column(event);
    if (!dragged || !over || over.contains(dragged)) return;
    event.preventDefault();
    light(over);
  });
  board.addEventListener("drop", (event) => {
    const over = column(event);
    if (!dragged?.dataset.drag || !over?.dataset.drop || over.contains(dragged)) return;
    event.preventDefault();
    location.assign(`${dragged.dataset.drag}?to=${encodeURIComponent(over.dataset.drop)}`);
  });
  board.addEventListener("dragend", () => {
    dragged = null;
    light(null);
  });
});
