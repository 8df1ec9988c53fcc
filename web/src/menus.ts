/** Menus are <details>: they work without a script; this closes them as people expect. */
export function menus(): void {
  const open = (): HTMLDetailsElement[] => [...document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")];
  document.addEventListener("click", (event) => {
    open().filter((menu) => !menu.contains(event.target as Node)).forEach((menu) => (menu.open = false));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    open().forEach((menu) => {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
    });
  });
  document.addEventListener("focusin", (event) => {
    open().filter((menu) => !menu.contains(event.target as Node)).forEach((menu) => (menu.open = false));
  });
}
