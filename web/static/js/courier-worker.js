/* Serves the courier's pages while there is no line: the shell, and the own route of the day that a page kept.

   A page comes from the house where the house answers soon, else from the phone. What was kept is gone when
   its day is over, when its courier logs out, and when somebody else logs in. */
"use strict";

const SHELL = "shell";
const SOON_MS = 4000;
const COUNTY_MS = 8 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
// Somebody may still be on the road after midnight.
const GRACE_MS = 3 * 3_600_000;
const NOTHING = "<!doctype html><html lang=zh-Hans><meta charset=utf-8><meta name=viewport content='width=device-width'><title>没有信号</title><p>没有信号，这一页也没有存在手机上。请看配送单，或回到 <a href='/courier'>今天的路线</a>。</p><p lang=en>No line, and this page is not kept on the phone. Use the printed sheet, or go back to <a href='/courier'>today's route</a>.</p></html>";

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(shell(request, url));
  else if (request.mode === "navigate" && /^\/courier(\/|$)/.test(url.pathname)) event.respondWith(page(request, url));
});

/* A static file's address names its version: it never changes, and an older one is not asked for again. */
async function shell(request, url) {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    for (const old of await cache.keys()) if (new URL(old.url).pathname === url.pathname) await cache.delete(old);
    await cache.put(request, answer.clone());
  }
  return answer;
}

async function page(request, url) {
  const asked = fetch(request);
  // Its failure is looked at below; without this it would be reported as nobody's.
  asked.catch(() => {});
  const late = new Promise((resolve) => setTimeout(resolve, SOON_MS));
  try {
    const answer = await Promise.race([asked, late]);
    if (answer) return await keep(answer, url);
  } catch {
    return (await keptPage(url)) ?? nothing();
  }
  return (await keptPage(url)) ?? asked.catch(nothing);
}

const nothing = () => new Response(NOTHING, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'" } });

async function keep(answer, url) {
  const name = answer.headers.get("X-Tangye-Kept");
  // A page that was asked for by a scan says whose bag was scanned: kept, it would say so of the next one.
  if (name && answer.ok && !answer.redirected && !url.search) await (await caches.open(name)).put(url.pathname, answer.clone());
  return answer;
}

async function keptPage(url) {
  for (const name of await caches.keys()) {
    if (!name.startsWith("route/")) continue;
    if (isOver(name)) {
      await caches.delete(name);
      continue;
    }
    const found = await (await caches.open(name)).match(url.pathname, { ignoreVary: true });
    if (found) return found;
  }
  return null;
}

const isOver = (name) => Date.now() > Date.parse(`${name.split("/")[2]}T00:00Z`) - COUNTY_MS + DAY_MS + GRACE_MS;
