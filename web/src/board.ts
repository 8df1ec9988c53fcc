import { each } from "./page";

// Dragging comes only where a board stands: a page with the map has enough to load.
each<HTMLElement>("[data-board]", (board) => void import("./drag").then(() => (board.dataset["ready"] = "yes")));
