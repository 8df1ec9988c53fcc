import { each } from "./page";

/** A form that only stands there for readers without script: it goes on by itself. */
export function go(): void {
  each<HTMLFormElement>("form[data-go]", (form) => form.requestSubmit());
}
