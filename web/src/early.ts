// Runs before the first paint: the wrong theme must not flash, and large type must not jump.
// Loaded as a plain script, so everything stays inside one function and nothing is imported.
(() => {
  const root = document.documentElement;
  let theme = "auto";
  let type = "standard";
  try {
    theme = localStorage.getItem("koumen-theme") ?? theme;
    type = localStorage.getItem("koumen-type") ?? type;
  } catch {
    // Storage may be closed in private windows; the system's choice then stands.
  }
  const dark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset["bsTheme"] = dark ? "dark" : "light";
  root.classList.toggle("type-large", type === "large");
  root.classList.add("js");
})();
