// Routes on a map: numbered homes joined in order, from the school and back. Works without tiles.
import L from "leaflet";
import "leaflet/dist/leaflet.css";

interface Routes {
  school: [number, number] | null;
  name: string;
  tiles: string;
  source: string;
  routes: { label: string; points: [number, number, string][] }[];
}

// Colours that stay apart for colour-blind eyes, on light and dark ground.
const COLOURS = ["#0f6b68", "#b5541c", "#4b5fa5", "#8a3c78", "#6b7a1f", "#a1302a", "#2f7fb0", "#7d5a2b"];

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
  found.routes.forEach((route, number) => {
    const colour = COLOURS[number % COLOURS.length] ?? "#0f6b68";
    const way = route.points.map(([lat, lng]): [number, number] => [lat, lng]);
    const home = found.school ? [found.school] : [];
    L.polyline([...home, ...way, ...home], { color: colour, weight: 3, opacity: 0.75 })
      .bindTooltip(label(route.label), { sticky: true })
      .addTo(map);
    for (const [lat, lng, order] of route.points) {
      const title = `${route.label} · ${order}`;
      L.marker([lat, lng], { icon: mark(order, "map-home", colour), title, alt: title })
        .bindPopup(label(title))
        .addTo(map);
    }
    seen.push(...way);
  });
  if (found.school) {
    const icon = mark(box.dataset.schoolMark ?? "", "map-school", "#2b2723");
    L.marker(found.school, { icon, title: found.name, alt: found.name }).addTo(map);
  }
  L.control.scale({ imperial: false }).addTo(map);
  if (seen.length) map.fitBounds(L.latLngBounds(seen), { padding: [28, 28], maxZoom: 16 });
  else map.setView([35, 105], 4);
}
