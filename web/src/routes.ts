// Routes on a map: numbered homes joined in order, from the school and back. Works without tiles.
import L from "leaflet";
import "leaflet/dist/leaflet.css";

interface Routes {
  school: [number, number] | null;
  name: string;
  tiles: string;
  source: string;
  routes: { sign: string; label: string; points: [number, number, string][] }[];
}

interface Drawn {
  line: L.Polyline;
  marks: L.Marker[];
}

// Colours that stay apart for colour-blind eyes, on light and dark ground.
// They come again after eight; the sign on every mark and the dashes tell routes apart without colour.
const COLOURS = ["#0f6b68", "#b5541c", "#4b5fa5", "#8a3c78", "#6b7a1f", "#a1302a", "#2f7fb0", "#7d5a2b"];
const DASHES = ["", "10 6", "2 6", "14 4 2 4"];

/** A round mark with a word in it; made of elements, so nothing of the answer is read as HTML. */
function mark(text: string, kind: string, colour: string): L.DivIcon {
  const dot = document.createElement("span");
  dot.className = `map-mark ${kind}`;
  dot.textContent = text;
  dot.style.background = colour;
  return L.divIcon({ html: dot, className: "", iconSize: [26, 26], iconAnchor: [13, 13] });
}

function label(text: string): HTMLElement {
  const words = document.createElement("span");
  words.textContent = text;
  return words;
}

export async function draw(box: HTMLElement): Promise<void> {
  const answer = await fetch(box.dataset.map ?? "", { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const found = (await answer.json()) as Routes;
  const map = L.map(box, { attributionControl: Boolean(found.source), zoomSnap: 0.5 });
  map.attributionControl?.setPrefix(false);
  if (found.tiles) L.tileLayer(found.tiles, { maxZoom: 18, attribution: found.source }).addTo(map);
  else box.classList.add("map-bare");
  const seen: L.LatLngExpression[] = found.school ? [found.school] : [];
  const drawn = new Map<string, Drawn>();
  found.routes.forEach((route, number) => {
    const colour = COLOURS[number % COLOURS.length] ?? "#0f6b68";
    const dashArray = DASHES[Math.floor(number / COLOURS.length) % DASHES.length] ?? "";
    const way = route.points.map(([lat, lng]): [number, number] => [lat, lng]);
    const home = found.school ? [found.school] : [];
    const line = L.polyline([...home, ...way, ...home], { color: colour, weight: 3, opacity: 0.75, dashArray })
      .bindTooltip(label(route.label), { sticky: true })
      .addTo(map);
    const sign = found.routes.length > 1 ? route.sign : "";
    const marks = route.points.map(([lat, lng, order]) => {
      const title = `${route.label} · ${order}`;
      const icon = mark(`${sign}${order}`, "map-home", colour);
      return L.marker([lat, lng], { icon, title, alt: title }).bindPopup(label(title)).addTo(map);
    });
    drawn.set(route.sign, { line, marks });
    document.querySelectorAll<HTMLElement>(`[data-route="${route.sign}"] .map-sign`).forEach((one) => {
      one.style.background = colour;
    });
    seen.push(...way);
  });
  pickable(map, drawn);
  if (found.school) {
    const icon = mark(box.dataset.schoolMark ?? "", "map-school", "#2b2723");
    L.marker(found.school, { icon, title: found.name, alt: found.name }).addTo(map);
  }
  L.control.scale({ imperial: false }).addTo(map);
  if (seen.length) map.fitBounds(L.latLngBounds(seen), { padding: [28, 28], maxZoom: 16 });
  else map.setView([35, 105], 4);
}

/** A press on a route's line in the list beside the map shows that route alone; a second press shows all. */
function pickable(map: L.Map, drawn: Map<string, Drawn>): void {
  const buttons = document.querySelectorAll<HTMLElement>("[data-route]");
  buttons.forEach((button) => {
    button.addEventListener("click", () => {
      const chosen = button.getAttribute("aria-pressed") === "true" ? "" : (button.dataset["route"] ?? "");
      buttons.forEach((one) => one.setAttribute("aria-pressed", String(one.dataset["route"] === chosen)));
      drawn.forEach(({ line, marks }, sign) => {
        const faded = Boolean(chosen) && sign !== chosen;
        line.setStyle({ opacity: faded ? 0.12 : 0.75, weight: sign === chosen ? 5 : 3 });
        marks.forEach((one) => one.setOpacity(faded ? 0.15 : 1));
      });
      const line = drawn.get(chosen)?.line;
      if (line && line.getBounds().isValid()) map.fitBounds(line.getBounds(), { padding: [28, 28], maxZoom: 16 });
    });
  });
}
