// Builds the icon sprite out of the Tabler icons named in src/icons.json and our own drawings in src/icons/.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Plugin } from "vite";

const HERE = dirname(fileURLToPath(import.meta.url));
const TABLER = join(HERE, "node_modules/@tabler/icons/icons/outline");

function drawing(file: string): string {
  const svg = readFileSync(file, "utf8");
  const inside = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  // Tabler's invisible 24 × 24 square only matters to drawing programs.
  return inside.replace(/<path[^>]*d="M0 0h24v24H0z"[^>]*\/>/, "").replace(/\s+/g, " ").trim();
}

function symbol(name: string, inside: string): string {
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inside}</symbol>`;
}

function build(): string {
  const names = JSON.parse(readFileSync(join(HERE, "src/icons.json"), "utf8")) as Record<string, string>;
  const symbols = Object.entries(names).map(([ours, theirs]) => symbol(ours, drawing(join(TABLER, `${theirs}.svg`))));
  symbols.push(symbol("koumen", drawing(join(HERE, "src/icons/koumen.svg"))));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

/** Emits the sprite and the tab icon with hashed names and lists both in the manifest. */
export function sprite(): Plugin {
  return {
    name: "koumen-sprite",
    generateBundle() {
      this.emitFile({ type: "asset", name: "sprite.svg", originalFileName: "sprite.svg", source: build() });
      const tabIcon = readFileSync(join(HERE, "src/icons/tab.svg"), "utf8");
      this.emitFile({ type: "asset", name: "icon.svg", originalFileName: "icon.svg", source: tabIcon });
    },
  };
}
