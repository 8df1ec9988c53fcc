import "./style.scss";

import { createApp } from "vue";

import App from "./App.vue";
import { open } from "./db";
import { start } from "./sync";

const PATIENCE_MS = 4000;

/** What makes the app open without a signal. Safe to ask for twice. */
function stay(): void {
  if ("serviceWorker" in navigator) void navigator.serviceWorker.register("sw.js");
}

// The first thing a slow line is for are the visits; the worker and what it keeps come right after them.
void open().then(() => {
  createApp(App).mount("#recorder");
  void start().finally(stay);
  setTimeout(stay, PATIENCE_MS);
});
