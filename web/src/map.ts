import { each } from "./page";

// Leaflet comes only where a map stands.
each<HTMLElement>("[data-map]", (box) => {
  void import("./routes").then(({ draw }) => draw(box));
});
each<HTMLElement>("[data-map-pick]", (box) => {
  void import("./pick").then(({ pick }) => pick(box));
});
