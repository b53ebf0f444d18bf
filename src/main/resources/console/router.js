// Which page is shown, and with what: the address says it all, so a link shows a colleague the same.
import { base } from "./api.js";

const ROOT = "/console";

/** An address of the console. */
export function to(path, query = {}) {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "" && value != null));
  // A comma needs no escape there, and lists of jobs stay readable without.
  return base + ROOT + path + (search.size ? `?${search}`.replaceAll("%2C", ",") : "");
}

/** The path below the console's own, "" for its start. */
export function here() {
  return location.pathname.slice((base + ROOT).length).replace(/\/$/, "");
}

export function query() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

export const moves = new EventTarget();

export function go(address, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", address); else history.pushState(null, "", address);
  moves.dispatchEvent(new Event("move"));
}

/** Keeps what a page shows in its address; an empty value leaves its name out. */
export function keep(changes) {
  go(to(here(), { ...query(), ...changes }), { replace: true });
}

/** Runs `moved` when the address changes while the part is shown. */
export function onMove(part, moved) {
  part.addController({
    hostConnected: () => moves.addEventListener("move", moved),
    hostDisconnected: () => moves.removeEventListener("move", moved),
  });
}

addEventListener("popstate", () => moves.dispatchEvent(new Event("move")));

// A link to a page of the console changes the page; all other clicks are the browser's.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const target = new URL(link.href);
  if (target.origin !== location.origin || link.target || link.hasAttribute("download")) return;
  if (target.pathname !== base + ROOT && !target.pathname.startsWith(`${base}${ROOT}/`)) return;
  if (target.hash && target.pathname === location.pathname) return;
  event.preventDefault();
  go(target.href);
  scrollTo(0, 0);
});
