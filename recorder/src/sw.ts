/// <reference lib="webworker" />
// Keeps the program and its page on the phone. Records never pass through here: they lie in the database (db.ts).
import { cleanupOutdatedCaches, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

declare const self: ServiceWorkerGlobalScope;
declare const FILES: string[]; // the app's own files, told by the build; their names hold their hash

const PAGE = "koumen-page";
const SOON_MS = 4000;

precacheAndRoute(FILES.map((url) => ({ url, revision: null })));
cleanupOutdatedCaches();

/** The page itself holds nothing personal; one of somebody signed out is a sign-in page and is not kept. */
async function fetchPage(patience?: AbortSignal): Promise<Response> {
  const answer = await fetch(self.registration.scope, { credentials: "same-origin", ...(patience && { signal: patience }) });
  if (answer.ok && !answer.redirected) await (await caches.open(PAGE)).put(self.registration.scope, answer.clone());
  return answer;
}

self.addEventListener("install", (event) => {
  event.waitUntil(fetchPage().catch(() => undefined));
  void self.skipWaiting();
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

registerRoute(
  new NavigationRoute(async () => {
    const kept = await caches.match(self.registration.scope, { cacheName: PAGE });
    if (!kept) {
      const answer = await fetchPage();
      return answer.redirected ? Response.redirect(answer.url) : answer; // a browser takes no page from elsewhere
    }
    try {
      const answer = await fetchPage(AbortSignal.timeout(SOON_MS));
      return answer.ok && !answer.redirected ? answer : kept; // signed out: the app says so itself
    } catch {
      return kept; // no signal, or too slow a one
    }
  }),
);
