// Loads the page's WebAssembly. The names of both files carry their hashes, so the page says them.
const named = (name) => document.querySelector(`meta[name="${name}"]`).content;

// May come before the page is there to take it; it reads it from here then.
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  window.tidemarkInstall = event;
});

try {
  const { default: init } = await import(new URL(named("tidemark-js"), document.baseURI));
  await init({ module_or_path: new URL(named("tidemark-wasm"), document.baseURI) });
} catch (error) {
  const korean = document.documentElement.lang === "ko";
  const text = document.getElementById("boot-text");
  if (text) {
    text.textContent = korean
      ? "Tidemark를 시작할 수 없습니다. 브라우저를 업데이트하거나 새로고침하세요."
      : "Tidemark could not start. Update the browser, or reload the page.";
  }
  await replaceThisVersion().catch(() => {});
  throw error;
}

// A version that cannot start cannot offer its successor either: that one is taken unasked.
async function replaceThisVersion() {
  const registration = await navigator.serviceWorker?.getRegistration();
  if (!registration?.active) return;
  await registration.update();
  const newer = registration.installing ?? registration.waiting;
  const take = () => {
    if (newer.state === "installed") newer.postMessage("take over");
    if (newer.state === "activated") location.reload();
  };
  newer?.addEventListener("statechange", take);
  if (newer) take();
}
