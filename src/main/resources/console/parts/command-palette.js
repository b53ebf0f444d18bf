// Finds any model, job, dataset and page by a part of its name: Ctrl K, or ⌘K.
import { call, path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { go, to } from "../router.js";
import { count, since } from "../words.js";

const SHOWN = 30;

class CommandPalette extends Part {
  static sheet = css`
    command-palette dialog { width: min(38rem, calc(100vw - 1.5rem)); margin-top: 12vh; padding: 0; border: 1px solid var(--line);
      border-radius: .9rem; background: var(--card); color: var(--ink); box-shadow: 0 1rem 3rem var(--shade); overflow: hidden; }
    command-palette dialog::backdrop { background: #0007; }
    command-palette input { width: 100%; min-height: 3.2rem; padding: 0 1.1rem; font-size: 1.1rem; border: 0; border-bottom: 1px solid var(--line); border-radius: 0; background: none; }
    command-palette input:focus-visible { outline: none; border-bottom-color: var(--accent); }
    command-palette ul { margin: 0; padding: .4rem; list-style: none; max-height: 50vh; overflow: auto; }
    command-palette li { display: flex; gap: .8rem; padding: .5rem .7rem; border-radius: .45rem; cursor: pointer; }
    command-palette li[aria-selected=true] { background: var(--accent-tint); }
    command-palette li .kind { flex: 0 0 4.6rem; color: var(--soft); font-size: .85rem; padding-top: .1rem; }
    command-palette li .name { flex: 1; min-width: 0; }
    command-palette .none { padding: 1.2rem; color: var(--soft); }`;

  static properties = { words: { state: true }, things: { state: true }, at: { state: true } };

  constructor() {
    super();
    this.words = "";
    this.things = [];
    this.at = 0;
  }

  open(pages) {
    const dialog = this.querySelector("dialog");
    if (dialog.open) return;
    this.words = "";
    this.at = 0;
    this.things = pages.map((page) => ({ kind: "Page", name: page.title, address: to(page.path) }));
    dialog.showModal();
    this.querySelector("input").value = "";
    this.#load("/v1/models?page_size=500", ({ models }) => models.map((model) => ({
      kind: "Model", name: model.name, more: model.latest_version ? `version ${model.latest_version}` : "not trained yet", address: to(path`/models/${model.name}`) })));
    this.#load("/v1/datasets?page_size=500", ({ datasets }) => datasets.map((dataset) => ({
      kind: "Dataset", name: dataset.name, more: count(dataset.rows, "row"), address: to(path`/datasets/${dataset.name}`) })));
    this.#load("/v1/jobs?page_size=500", ({ jobs }) => jobs.map((job) => ({
      kind: "Job", name: job.model, more: `${job.state} · ${since(job.created_at)}`, id: job.id, address: to(path`/jobs/${job.id}`) })));
  }

  async #load(list, things) {
    try {
      const more = things(await call("GET", list));
      // Read only now: the other lists come in any order.
      this.things = [...this.things, ...more];
    } catch { /* its page says why */ }
  }

  get #found() {
    const words = this.words.toLowerCase().split(/\s+/).filter(Boolean);
    return this.things.filter((thing) => {
      const text = `${thing.kind} ${thing.name} ${thing.more || ""} ${thing.id || ""}`.toLowerCase();
      return words.every((word) => text.includes(word));
    }).slice(0, SHOWN);
  }

  #go(thing) {
    if (!thing) return;
    this.querySelector("dialog").close();
    go(thing.address);
    scrollTo(0, 0);
  }

  #press(event) {
    const found = this.#found;
    if (event.key === "ArrowDown") this.at = Math.min(this.at + 1, found.length - 1);
    else if (event.key === "ArrowUp") this.at = Math.max(this.at - 1, 0);
    else if (event.key === "Enter") this.#go(found[this.at]);
    else return;
    event.preventDefault();
    this.updateComplete.then(() => this.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }));
  }

  render() {
    const found = this.#found;
    return html`<dialog aria-label="Find" @click=${(event) => event.target.localName === "dialog" && event.target.close()}>
      <input type="text" role="combobox" aria-label="Find a model, job, dataset or page" aria-expanded="true" aria-controls="found" autocomplete="off"
        aria-activedescendant=${found.length ? `found-${this.at}` : nothing} placeholder="A model, job, dataset or page"
        @input=${(event) => { this.words = event.target.value; this.at = 0; }} @keydown=${this.#press}>
      ${found.length
        ? html`<ul id="found" role="listbox" aria-label="Found">${found.map((thing, i) => html`
          <li role="option" id=${`found-${i}`} aria-selected=${i === this.at} @click=${() => this.#go(thing)} @mousemove=${() => { this.at = i; }}>
            <span class="kind">${thing.kind}</span><span class="name cut">${thing.name}</span><span class="soft small nowrap">${thing.more}</span></li>`)}</ul>`
        : html`<ul id="found" role="listbox" aria-label="Found"></ul><p class="none">Nothing has this in its name.</p>`}
    </dialog>`;
  }
}

customElements.define("command-palette", CommandPalette);
