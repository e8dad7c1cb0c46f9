// Shows the kept theme before the first paint. The page itself changes and keeps it.
try {
  const theme = localStorage.getItem("tidemark-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  const language = localStorage.getItem("tidemark-language") ?? navigator.language;
  document.documentElement.lang = language.startsWith("ko") ? "ko" : "en";
} catch {
  // A browser that keeps nothing for this page: the system's theme it is.
}
