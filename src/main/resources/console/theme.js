// In the head, before anything is drawn, so that no page appears in the other colours first. The documentation keeps the
// choice under the same name.
try {
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch { /* the browser keeps nothing: the system's colours */ }
