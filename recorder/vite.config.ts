import { readFileSync } from "node:fs";

import vue from "@vitejs/plugin-vue";
import { defineConfig, type UserConfig } from "vite";

// The phones teachers carry: what their browsers understood in 2021.
const BROWSERS = ["chrome90", "firefox90", "safari14"];
const COMMON: UserConfig = { base: "./", publicDir: false };

const app: UserConfig = {
  ...COMMON,
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false" },
  plugins: [vue()],
  build: {
    outDir: "dist",
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    target: BROWSERS,
    cssTarget: BROWSERS,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    rollupOptions: { input: ["src/main.ts"] },
  },
};

/** What the first build made, by the addresses the site serves it under. */
function files(): string[] {
  const made = JSON.parse(readFileSync("dist/manifest.json", "utf8")) as Record<string, { file: string; css?: string[] }>;
  const names = Object.values(made).flatMap((one) => [one.file, ...(one.css ?? [])]);
  return [...new Set(names)].sort().map((name) => `/static/recorder/${name}`);
}

// The worker is one classic script, built second because it names the app's files.
const worker = (): UserConfig => ({
  ...COMMON,
  define: { FILES: JSON.stringify(files()), "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: BROWSERS,
    lib: { entry: "src/sw.ts", formats: ["iife"], name: "worker", fileName: () => "sw.js" },
  },
});

export default defineConfig(({ mode }) => (mode === "worker" ? worker() : app));
