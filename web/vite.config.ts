import { defineConfig } from "vite";

import { sprite } from "./sprite.ts";

// Old phones of grandparents: what their built-in browsers understood in 2021.
const BROWSERS = ["chrome90", "firefox90", "safari14"];

export default defineConfig({
  // Addresses inside the CSS stay relative, so the pages may live under any static prefix.
  base: "./",
  publicDir: false,
  plugins: [sprite()],
  build: {
    outDir: "dist",
    assetsDir: "web",
    // The content security policy knows no data: addresses in styles worth allowing.
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    target: BROWSERS,
    cssTarget: BROWSERS,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    rollupOptions: {
      // htmx carries an eval for hx-on and filters; allowEval:false keeps it from ever running.
      checks: { eval: false },
      input: ["src/early.ts", "src/main.ts", "src/map.ts", "src/board.ts", "src/passkeys.ts", "src/questions.ts", "src/voice.ts"],
      output: {
        // What every page needs is one file: small pieces compress badly and are asked for one by one.
        codeSplitting: { groups: [{ name: "shared", test: /htmx|preload-helper|src.(page|toast|requests)\.ts/ }] },
      },
    },
  },
});
