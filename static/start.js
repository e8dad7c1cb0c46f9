// Loads the page's WebAssembly. The names of both files carry their hashes, so the page says them.
const named = (name) => document.querySelector(`meta[name="${name}"]`).content;

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
  throw error;
}
