import "./style.scss";

import { createApp } from "vue";

import App from "./App.vue";
import { open } from "./db";
import { start } from "./sync";

void open().then(() => {
  createApp(App).mount("#recorder");
  start();
});
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("sw.js");
