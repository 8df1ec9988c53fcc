import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";

// The phones teachers carry: what their browsers understood in 2021.
const BROWSERS = ["chrome90", "firefox90", "safari14"];

export default defineConfig({
  base: "./",
  publicDir: false,
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false" },
  plugins: [
    vue(),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src",
      filename: "sw.ts",
      injectRegister: false,
      manifest: false,
      // The worker lies below the school's address, the files it keeps below the static one.
      injectManifest: { globPatterns: ["assets/*.{js,css}"], modifyURLPrefix: { "": "/static/recorder/" } },
    }),
  ],
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
});
