// Tidemark's service worker: keeps the page's own files, so that the page opens without a network.
//
// It knows the files of one build by name and hash, and touches nothing else: no prices, no
// writes, no other origin, nothing of a user. What the user writes is kept by the page itself.
// A new build is a new worker with a cache of its own; it takes over when the user says so.
//
// The build fills in both constants. `sw-off.js` is the way back out.

/** Names this build: another one has another. */
const VERSION = "%TIDEMARK_VERSION%";

/** The page's files, as [path below the page, hash of the content]. */
const FILES = %TIDEMARK_FILES%;

/** How the names of our caches begin: another Tidemark in another folder has others. */
const OURS = `tidemark ${new URL(registration.scope).pathname} `;
const CACHE = OURS + VERSION;

const address = (path) => new URL(path, registration.scope).href;

/** The page itself is kept under its folder: many hosts send `index.html` there. */
const PAGE = address("./");
const PAGE_NAMES = [PAGE, address("index.html")];

/** The operator's, not the build's: no hash is known. */
const CONFIGURATION = address("tidemark.json");

const ADDRESSES = new Set(FILES.map(([path]) => address(path)));

/** A name with a hash in it always has the same content. */
const isNamedByContent = (path) => /-[0-9a-f]{8}\.\w+$/.test(path);

addEventListener("install", (event) => event.waitUntil(keepAll()));

addEventListener("activate", (event) => event.waitUntil(begin()));

addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET") return;
  const { origin, pathname, search } = new URL(url);
  const asked = origin + pathname;
  if (mode === "navigate") {
    // The page's own query (`?relay=…`) is for the page to read.
    if (PAGE_NAMES.includes(asked)) event.respondWith(answer(event, PAGE));
  } else if (search === "") {
    if (ADDRESSES.has(asked)) event.respondWith(answer(event, asked));
    if (asked === CONFIGURATION) event.respondWith(answerConfiguration());
  }
  // Everything else goes its way as if there were no worker.
});

addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(skipWaiting());
  if (event.data === "refresh configuration") event.waitUntil(refreshConfiguration());
});

// The browser says that there is a network again. The queue is the page's: it is only woken up.
addEventListener("sync", (event) => {
  if (event.tag === "tidemark") event.waitUntil(tellPages("wake"));
});

/** All files or none: without one of them, this build is not installed and the old one stays. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  const kept = await Promise.allSettled([
    ...FILES.map(async ([path, integrity]) => {
      await cache.put(address(path), await download(path, integrity));
    }),
    fetchConfiguration(),
  ]);
  const failed = kept.find(({ status }) => status === "rejected");
  if (failed) {
    await caches.delete(CACHE);
    throw failed.reason;
  }
}

/** A file with the right content, or an error. */
async function download(path, integrity) {
  const get = async (cache) => {
    const response = await fetch(address(path), { cache, integrity, credentials: "same-origin" });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response;
  };
  // The visit that brings the worker has just loaded these: not a byte is loaded twice.
  if (isNamedByContent(path)) return get("force-cache").catch(() => get("reload"));
  return get("reload");
}

async function begin() {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
  // The page of the first visit, too: the next version must not take over under its feet.
  await clients.claim();
}

async function kept(url) {
  // A cache that cannot be read (a full or broken disk) is as good as none: the network has it, too.
  return caches.match(url, { cacheName: CACHE, ignoreVary: true }).catch(() => undefined);
}

async function answer(event, url) {
  return (await kept(url)) ?? fetch(event.request);
}

async function answerConfiguration() {
  return (await kept(CONFIGURATION)) ?? fetchConfiguration();
}

/** Asked for by a page that is up and can wait; it is told of a change, which it cannot take in. */
async function refreshConfiguration() {
  const text = async () => (await kept(CONFIGURATION))?.text();
  const before = await text();
  await fetchConfiguration();
  if ((await text()) !== before) await tellPages("configuration changed");
}

async function fetchConfiguration() {
  const response = await fetch(CONFIGURATION, { cache: "no-cache" });
  const cache = await caches.open(CACHE);
  if (response.status === 404) await cache.delete(CONFIGURATION);
  // A hotel's sign-in page answers everything, too.
  else if (response.ok && isJson(await response.clone().text())) {
    await cache.put(CONFIGURATION, response.clone());
  }
  return response;
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function tellPages(message) {
  const all = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const pages = all.filter(({ url }) => url.startsWith(registration.scope));
  pages.forEach((page) => page.postMessage(message));
}
