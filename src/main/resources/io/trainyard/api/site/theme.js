// In the head, before anything is drawn, so that no page appears in the other colours first. The class is Swagger UI's.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  // A browser may refuse to keep anything; then the choice lasts for a page.
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* kept nowhere */ }

  const isDark = () => chosen ? chosen === "dark" : system.matches;

  function apply() {
    if (chosen) root.dataset.theme = chosen; else delete root.dataset.theme;
    root.classList.toggle("dark-mode", isDark());
    const button = document.getElementById("theme");
    if (button) {
      button.hidden = false;
      button.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
      button.title = button.getAttribute("aria-label");
    }
  }

  function change() {
    const next = isDark() ? "light" : "dark";
    // Who chooses what the system has follows the system again.
    chosen = (next === "dark") === system.matches ? null : next;
    try {
      if (chosen) localStorage.setItem("theme", chosen); else localStorage.removeItem("theme");
    } catch { /* kept nowhere */ }
    apply();
  }

  apply();
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", change);
    apply();
  });
})();
