import { each } from "./page";

/** On a phone a stacked table shows each row as a card; every cell then carries its heading. */
export function stacks(): void {
  const label = (table: HTMLTableElement): void => {
    const heads = [...table.querySelectorAll("thead th")].map((th) => th.textContent?.trim() ?? "");
    table.querySelectorAll("tbody tr").forEach((row) => {
      [...row.children].forEach((cell, i) => cell.setAttribute("data-label", heads[i] ?? ""));
    });
  };
  each<HTMLTableElement>("table[data-stack]", label);
  each<HTMLTableRowElement>("table[data-stack] tr", (row) => {
    const table = row.closest("table");
    if (table && !row.querySelector("[data-label]")) label(table);
  });
}
