// Choosing a point on the map: a click fills two number fields. Works without tiles, and by typing the numbers.
import L from "leaflet";
import "leaflet/dist/leaflet.css";

interface Around {
  school: [number, number] | null;
  name: string;
  places: [number, number, string][];
  point: [number, number] | null;
  tiles: string;
  source: string;
}

function mark(text: string, kind: string, colour: string): L.DivIcon {
  const dot = document.createElement("span");
  dot.className = `map-mark ${kind}`;
  dot.textContent = text;
  dot.style.background = colour;
  return L.divIcon({ html: dot, className: "", iconSize: [26, 26], iconAnchor: [13, 13] });
}

export async function pick(box: HTMLElement): Promise<void> {
  const lng = document.querySelector<HTMLInputElement>(box.dataset.lng ?? "");
  const lat = document.querySelector<HTMLInputElement>(box.dataset.lat ?? "");
  const answer = await fetch(box.dataset.mapPick ?? "", { headers: { Accept: "application/json" } });
  if (!answer.ok || !lng || !lat) return;
  const found = (await answer.json()) as Around;
  const map = L.map(box, { attributionControl: Boolean(found.source), zoomSnap: 0.5 });
  map.attributionControl?.setPrefix(false);
  if (found.tiles) L.tileLayer(found.tiles, { maxZoom: 18, attribution: found.source }).addTo(map);
  else box.classList.add("map-bare");
  const seen: L.LatLngExpression[] = [];
  if (found.school) {
    const icon = mark(box.dataset.schoolMark ?? "", "map-school", "#2b2723");
    L.marker(found.school, { icon, title: found.name, alt: found.name }).addTo(map);
    seen.push(found.school);
  }
  for (const [y, x, name] of found.places) {
    const words = document.createElement("span");
    words.textContent = name;
    L.circleMarker([y, x], { radius: 6 }).bindTooltip(words, { permanent: found.places.length < 30 }).addTo(map);
    seen.push([y, x]);
  }
  let home: L.Marker | null = null;
  const put = (at: L.LatLngExpression): void => {
    const icon = mark(box.dataset.homeMark ?? "", "map-home", "#0f6b68");
    const title = box.dataset.homeName ?? "";
    home = home?.setLatLng(at) ?? L.marker(at, { icon, draggable: true, title, alt: title }).addTo(map);
    home.off("dragend").on("dragend", () => home && tell(home.getLatLng()));
  };
  const tell = (at: L.LatLng): void => {
    lng.value = at.lng.toFixed(6);
    lat.value = at.lat.toFixed(6);
  };
  if (found.point) {
    put(found.point);
    seen.push(found.point);
  }
  map.on("click", (event: L.LeafletMouseEvent) => {
    put(event.latlng);
    tell(event.latlng);
  });
  for (const input of [lng, lat]) {
    input.addEventListener("change", () => {
      if (lng.value && lat.value) put([Number(lat.value), Number(lng.value)]);
    });
  }
  L.control.scale({ imperial: false }).addTo(map);
  if (seen.length) map.fitBounds(L.latLngBounds(seen), { padding: [40, 40], maxZoom: 15 });
  else map.setView([35, 105], 4);
}
