import "./style.scss";

import { createApp } from "vue";

import App from "./App.vue";
import { start } from "./sync";

createApp(App).mount("#recorder");
start();
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("sw.js");
