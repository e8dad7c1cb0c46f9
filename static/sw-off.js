// The way out: put in the place of `sw.js`, this worker removes what that one has kept, and itself.
//
// For the operator who has shipped something so bad that pages must not start from their caches any
// more. The relay serves it as `sw.js` with the setting `page.service_worker = "off"`; on another
// host, copy this file over `sw.js`. Browsers look for a new `sw.js` at each visit, whatever the
// page itself is able to do. What users wrote is not in caches, and stays.

/** How the names of our caches begin: another Tidemark in another folder has others. */
const OURS = `tidemark ${new URL(registration.scope).pathname} `;

// Nobody is asked: pages may not be able to.
addEventListener("install", (event) => event.waitUntil(skipWaiting()));

addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  const names = await caches.keys();
  const ours = names.filter((name) => name.startsWith(OURS));
  await Promise.all(ours.map((name) => caches.delete(name)));
  // Those that came out of the caches. Pages from the network are left alone: this worker comes and
  // goes at each visit, and would reload them for ever.
  const pages = await clients.matchAll({ type: "window" });
  await registration.unregister();
  await Promise.allSettled(pages.map((page) => page.navigate(page.url)));
}
