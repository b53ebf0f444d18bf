// The frame around every page: where one is, where one may go, and whose key is used.
import { bus, call, key } from "./api.js";
import { css, html, nothing, Part } from "./part.js";
import { here, moves, to } from "./router.js";
import "./parts/problem-note.js";
import "./parts/command-palette.js";
import "./parts/key-form.js";

/** Every page: its path, where ":" begins what varies; its element, which its file defines; its place in the menu, or under which one it is. */
const PAGES = [
  { path: "", element: "start-page", title: "Start", menu: true },
  { path: "/jobs", element: "jobs-page", title: "Jobs", menu: true },
  { path: "/jobs/:job", element: "job-page", title: "Job" },
  { path: "/compare", element: "compare-page", title: "Compare", under: "/jobs" },
  { path: "/sweeps", element: "sweeps-page", title: "Sweeps", under: "/jobs" },
  { path: "/sweeps/:sweep", element: "sweep-page", title: "Sweep", under: "/jobs" },
  { path: "/models", element: "models-page", title: "Models", menu: true },
  { path: "/models/:model", element: "model-page", title: "Model" },
  { path: "/models/:model/versions/:version", element: "version-page", title: "Version" },
  { path: "/datasets", element: "datasets-page", title: "Datasets", menu: true },
  { path: "/editor", element: "editor-page", title: "Editor", menu: true },
  { path: "/operations", element: "operations-page", title: "Operations" },
  { path: "/datasets/:dataset", element: "dataset-page", title: "Dataset" },
];

/** Milliseconds until what did not come is asked for again. */
const RETRY = 2_000;
const AWAY = { title: "The service does not answer", message: "The page comes when it does.", passes: true };

export const MENU = PAGES.filter((page) => page.menu);
/** Those that need no name to be found. */
const FOUND = PAGES.filter((page) => !page.path.includes(":"));

function find(path) {
  const parts = path.split("/");
  for (const page of PAGES) {
    const own = page.path.split("/");
    if (own.length !== parts.length) continue;
    const values = {};
    const fits = own.every((part, i) => {
      if (!part.startsWith(":")) return part === parts[i];
      values[part.slice(1)] = decodeURIComponent(parts[i]);
      return parts[i] !== "";
    });
    if (fits) return { page, values };
  }
  return { page: { element: "missing-page", title: "No such page" }, values: {} };
}

class ConsoleApp extends Part {
  static sheet = css`
    console-app > header { position: sticky; top: 0; z-index: 5; display: flex; align-items: center; gap: .3rem 1rem;
      padding: .5rem clamp(1rem, 3vw, 3rem); background: var(--page); border-bottom: 1px solid var(--line); }
    console-app .brand { display: flex; align-items: center; gap: .55rem; font-weight: 680; color: var(--ink); }
    console-app .brand:hover { text-decoration: none; }
    console-app .brand svg { width: 1.7rem; height: 1.7rem; color: var(--accent); }
    console-app nav { display: flex; gap: .15rem; margin-right: auto; }
    console-app nav a { padding: .35rem .75rem; border-radius: .5rem; color: var(--soft); font-weight: 550; }
    console-app nav a:hover { color: var(--ink); background: var(--tint); text-decoration: none; }
    console-app nav a[aria-current] { color: var(--accent); background: var(--accent-tint); }
    console-app .skip { position: absolute; left: -99rem; }
    console-app .skip:focus { left: 1rem; top: .4rem; z-index: 9; background: var(--card); padding: .4rem .8rem; }
    console-app header button svg { width: 1.15rem; height: 1.15rem; }
    console-app header kbd { border: 1px solid var(--line); border-radius: .3rem; padding: 0 .35rem; color: var(--soft); }
    console-app .docs { color: var(--soft); font-weight: 550; }
    console-app main:focus { outline: none; }
    @media (max-width: 52rem) {
      console-app > header kbd, console-app .find span, console-app .brand span { display: none; }
      console-app > header { gap: .3rem .5rem; }
    }
    @media (max-width: 40rem) {
      console-app { display: block; padding-bottom: 4.2rem; }
      console-app nav { position: fixed; inset: auto 0 0 0; z-index: 6; justify-content: space-around; margin: 0; gap: 0;
        padding: .35rem .3rem calc(.35rem + env(safe-area-inset-bottom)); background: var(--card); border-top: 1px solid var(--line); }
      console-app nav a { flex: 1; text-align: center; padding: .6rem .2rem; font-size: .92rem; }
      console-app .brand { margin-right: auto; }
      console-app .brand span { display: inline; }
    }`;

  static properties = { route: { state: true }, me: { state: true }, asked: { state: true }, away: { state: true } };

  constructor() {
    super();
    this.route = find(here());
    this.me = null;
    this.asked = false;
    this.away = false;
  }

  connectedCallback() {
    super.connectedCallback();
    moves.addEventListener("move", () => this.#move());
    bus.addEventListener("key", () => this.#identify());
    addEventListener("keydown", (event) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        this.#find();
      }
    });
    this.#identify();
    this.#load();
  }

  async #identify() {
    clearTimeout(this.identifying);
    const own = key();
    try {
      const me = await call("GET", "/v1/me");
      if (own !== key()) return; // another key has been asked about since
      this.me = me;
    } catch (problem) {
      if (own !== key()) return;
      this.me = null;
      if (problem.passes) {
        this.identifying = setTimeout(() => this.#identify(), Math.max(RETRY, problem.retryAfter * 1_000));
        return;
      }
    }
    this.asked = true;
  }

  #move() {
    const before = this.route;
    this.route = find(here());
    const same = before.page === this.route.page && JSON.stringify(before.values) === JSON.stringify(this.route.values);
    if (!same) {
      this.#load();
      this.updateComplete.then(() => this.querySelector("main").focus({ preventScroll: true }));
    }
  }

  async #load() {
    const { page } = this.route;
    document.title = page.path ? `${Object.values(this.route.values)[0] || page.title} – Trainyard` : "Trainyard";
    clearTimeout(this.loading);
    try {
      await import(`./pages/${page.element}.js`);
      this.away = false;
    } catch {
      this.away = true;
      this.loading = setTimeout(() => this.#load(), RETRY);
    }
    this.requestUpdate();
  }

  #find() {
    this.querySelector("command-palette").open(FOUND);
  }

  get #dark() {
    const { theme } = document.documentElement.dataset;
    return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  #theme() {
    const next = this.#dark ? "light" : "dark";
    // A choice of what the system has follows the system again.
    const own = (next === "dark") === matchMedia("(prefers-color-scheme: dark)").matches ? null : next;
    if (own) document.documentElement.dataset.theme = own; else delete document.documentElement.dataset.theme;
    try {
      if (own) localStorage.setItem("theme", own); else localStorage.removeItem("theme");
    } catch { /* the browser keeps nothing */ }
    bus.dispatchEvent(new Event("theme"));
    this.requestUpdate();
  }

  render() {
    const { page, values } = this.route;
    const name = this.#dark ? "Light colours" : "Dark colours";
    return html`
      <a class="skip" href="#main">Skip to the page</a>
      <header>
        <a class="brand" href=${to("")} aria-label="Trainyard, start">
          <svg viewBox="0 0 26 26" aria-hidden="true"><rect width="26" height="26" rx="6" fill="#1f6f5c"/><g stroke="#fff" stroke-width="1.4"><path d="M7 8l12-1M7 8l12 6M7 8l12 12M7 18l12-11M7 18l12-4M7 18l12 2" opacity=".55"/><g fill="#fff" stroke="none"><circle cx="7" cy="8" r="2.4"/><circle cx="7" cy="18" r="2.4"/><circle cx="19" cy="7" r="2.4"/><circle cx="19" cy="14" r="2.4"/><circle cx="19" cy="20" r="2.4"/></g></g></svg>
          <span>Trainyard</span>
        </a>
        <nav aria-label="Pages">
          ${MENU.map((each) => html`<a href=${to(each.path)} aria-current=${this.#isIn(each) ? "page" : nothing}>${each.title}</a>`)}
        </nav>
        <button class="plain find" title="Find a model, job, dataset or page" @click=${this.#find}>
          <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.8" aria-hidden="true"><circle cx="9" cy="9" r="5.5"/><path d="M13.2 13.2L17 17"/></svg><span>Find</span><kbd>${/Mac/.test(navigator.platform) ? "⌘K" : "Ctrl K"}</kbd>
        </button>
        <a class="docs" href=${to("").replace(/console$/, "docs")}>Docs</a>
        <key-form .me=${this.me} .asked=${this.asked}></key-form>
        <button class="plain" aria-label=${name} title=${name} @click=${this.#theme}>
          <svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="8" fill="none" stroke="currentColor" stroke-width="2"/><path d="M10 2a8 8 0 0 1 0 16z" fill="currentColor"/></svg>
        </button>
      </header>
      <main id="main" tabindex="-1">${this.#element(page, values)}</main>
      <command-palette></command-palette>`;
  }

  #isIn(entry) {
    return here() === entry.path || (entry.path !== "" && (here().startsWith(`${entry.path}/`) || this.route.page.under === entry.path));
  }

  /** The element of the page with what its path names; a new one for each path, so that none shows what another left. */
  #element(page, values) {
    if (!customElements.get(page.element)) {
      return this.away ? html`<div class="page"><problem-note again .problem=${AWAY}></problem-note></div>` : nothing;
    }
    const id = page.element + JSON.stringify(values);
    if (this.shownId !== id) {
      this.shownId = id;
      this.shown = Object.assign(document.createElement(page.element), values);
    }
    return this.shown;
  }
}

customElements.define("console-app", ConsoleApp);
