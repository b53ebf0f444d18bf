// Operations: which processes take jobs, what they have in memory, who fills the disk, whose keys there are, and who changed what.
import { call, path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { Live } from "../live.js";
import { keep, onMove, query, to } from "../router.js";
import { bytes, count, number, since, when } from "../words.js";
import { ask } from "../parts/ask.js";
import "../parts/copy-call.js";
import "../parts/problem-note.js";

const USERS = 8;

class OperationsPage extends Part {
  static sheet = css`
    operations-page .two { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); align-items: start; }
    operations-page h3 { margin: 1rem 0 .4rem; }
    operations-page meter { width: 6rem; height: .8rem; vertical-align: middle; }
    operations-page .more { margin-top: .8rem; }`;

  static properties = { problem: { state: true }, doing: { state: true } };

  constructor() {
    super();
    this.status = new Live(this, { every: 3_000 });
    this.workers = new Live(this, { every: 3_000 });
    this.usage = new Live(this, { every: 30_000 });
    this.keys = new Live(this, { every: 15_000 });
    this.audit = new Live(this, { every: 5_000 });
    this.problem = null;
    /** The changes that are shown with their values. */
    this.open = new Set();
    onMove(this, () => this.#watch());
  }

  connectedCallback() {
    super.connectedCallback();
    this.#watch();
  }

  get #changes() {
    const { resource } = query();
    return `/v1/audit?page_size=50${resource ? `&resource=${encodeURIComponent(resource)}` : ""}`;
  }

  #watch() {
    this.status.watch("/v1/status");
    this.workers.watch("/v1/workers?page_size=100");
    this.usage.watch("/v1/usage");
    this.keys.watch("/v1/keys?page_size=100");
    this.audit.watch(this.#changes);
    this.requestUpdate();
  }

  async #end(key) {
    if (!await ask({ title: `End the key ${key.name}`, text: `Programs that send the key that begins with ${key.prefix} are refused from then on. It cannot be brought back.`, button: "End it" })) return;
    this.doing = true;
    this.problem = null;
    try {
      await call("DELETE", path`/v1/keys/${key.id}`);
    } catch (problem) {
      this.problem = problem;
    }
    this.doing = false;
  }

  render() {
    return html`<div class="page">
      <div class="head"><h1>Operations</h1><span class="soft small">${this.status.data ? `Trainyard ${this.status.data.version}` : ""}</span></div>
      ${this.problem ? html`<problem-note .problem=${this.problem}></problem-note>` : nothing}
      ${this.#failures.map((problem) => html`<problem-note again .problem=${problem}></problem-note>`)}
      ${this.status.data?.outages.map((outage) => html`<problem-note .problem=${{ title: `Not working: ${outage.part.replaceAll("_", " ")}`, message: outage.detail, passes: true }}></problem-note>`)}
      <section class="card"><h2>Workers and pools</h2>${this.#shown(this.workers, (page) => this.#workers(page))}${this.#shown(this.status, (status) => this.#pools(status))}</section>
      <div class="two">
        <section class="card"><h2>In memory</h2>${this.#shown(this.status, (status) => this.#loaded(status))}</section>
        <section class="card"><h2>On the disk</h2>${this.#shown(this.usage, (usage) => this.#used(usage))}</section>
      </div>
      <section class="card"><h2>Keys</h2>${this.#shown(this.keys, (page) => this.#keys(page))}</section>
      <section class="card"><h2>Who changed what</h2>${this.#filter()}${this.#shown(this.audit, (page) => this.#entries(page))}</section>
      <copy-call .calls=${[
        { title: "How the service is", method: "GET", path: "/v1/status" },
        { title: "The processes that take jobs", method: "GET", path: "/v1/workers?page_size=100" },
        { title: "Who fills the disk", method: "GET", path: "/v1/usage" },
        { title: "Keys", method: "GET", path: "/v1/keys?page_size=100" },
        { title: "Who changed what", method: "GET", path: this.#changes },
      ]}></copy-call>
    </div>`;
  }

  /** Why there is nothing newer, once for all lists that have the same reason. */
  get #failures() {
    const problems = [this.status, this.workers, this.usage, this.keys, this.audit].map((list) => list.problem).filter((problem) => problem && problem.status !== 403);
    return [...new Map(problems.map((problem) => [problem.title + problem.message, problem])).values()];
  }

  /** What a list says, or who may read it. */
  #shown({ data, problem }, draw) {
    if (problem?.status === 403) return html`<p class="soft">${problem.message}</p>`;
    return data ? draw(data) : nothing;
  }

  #table(label, heads, rows, empty) {
    if (!rows.length) return html`<p class="soft">${empty}</p>`;
    return html`<div class="wide" tabindex="0" role="group" aria-label=${label}><table>
      <thead><tr>${heads.map((head) => html`<th scope="col" class=${head.startsWith("#") ? "number" : ""}>${head.replace("#", "")}</th>`)}</tr></thead>
      <tbody>${rows}</tbody></table></div>`;
  }

  #workers({ workers, next_page_token: more }) {
    return html`${this.#table("Workers", ["Worker", "Pools", "Runs", "#Memory", "Devices", "#Seen"], workers.map((worker) => html`<tr>
      <td class="strong">${worker.name}</td>
      <td>${worker.pools.map((pool) => html`<div>${pool.name}: ${pool.busy} of ${count(pool.slots, "slot")} <span class="soft">on ${pool.device}</span></div>`)}</td>
      <td>${worker.jobs.length ? worker.jobs.map((job) => html`<div><a href=${to(path`/jobs/${job}`)}>${job.slice(-8)}</a></div>`) : html`<span class="soft">nothing</span>`}</td>
      <td class="number">${share(worker.memory.resident, worker.memory.budget, "Memory")}</td>
      <td>${worker.devices.map((device) => html`<div>${device.device} ${share(device.used, device.total, `Memory of ${device.device}`)}${device.utilization === undefined ? nothing : ` · ${device.utilization} % busy`}</div>`)}</td>
      <td class="number"><time datetime=${worker.seen_at} title=${`started ${when(worker.started_at)}`}>${since(worker.seen_at)}</time></td></tr>`), "No process takes jobs now.")}${first(workers, more)}`;
  }

  #pools({ slots }) {
    if (!slots) return html`<p class="soft">The database does not answer, so the pools are not known.</p>`;
    return html`<div class="more">${this.#table("Pools", ["Pool", "#Slots", "#Busy", "#Waiting"], slots.map((pool) => html`<tr><td class="strong">${pool.pool}</td>
      <td class="number">${pool.slots}</td><td class="number">${pool.busy}</td>
      <td class="number">${pool.queued ? html`<a href=${to("/jobs", { state: "queued" })}>${number(pool.queued)}</a>` : 0}</td></tr>`), "There is no pool.")}</div>`;
  }

  #loaded({ memory, loaded_models: loaded }) {
    return html`<p>This process takes ${share(memory.resident, memory.budget, "Memory of this process")}</p>
      <div class="more">${this.#table("Versions in memory", ["Version", "#Weights"], loaded.map((each) => html`<tr>
        <td><a class="strong" href=${to(path`/models/${each.model}`, { version: each.version })}>${each.model}@${each.version}</a></td><td class="number">${bytes(each.bytes)}</td></tr>`), "No version is in memory: the first prediction loads one.")}</div>`;
  }

  #used(usage) {
    const { disk } = this.status.data || {};
    const list = (title, shares, address) => html`<h3>${title}</h3>${this.#table(title, ["Name", "#Bytes"], shares.slice(0, USERS).map((each) => html`<tr>
      <td>${address ? html`<a href=${to(address(each.name))}>${each.name}</a>` : each.name}</td><td class="number">${bytes(each.bytes)}</td></tr>`), "Nothing is stored.")}
      ${shares.length > USERS ? html`<p class="soft small">The first ${USERS} of ${shares.length}.</p>` : nothing}`;
    return html`${disk ? html`<p>${bytes(disk.free)} free of ${bytes(disk.size)}</p>` : nothing}
      ${list("Callers", usage.callers)}
      ${list("Datasets", usage.datasets, (name) => path`/datasets/${name}`)}
      ${list("Models", usage.models, (name) => path`/models/${name}`)}`;
  }

  #keys({ keys, next_page_token: more }) {
    return html`${this.#table("Keys", ["Name", "Begins with", "May", "Bound to", "#Last used", "#Ends", "#Action"], keys.map((key) => html`<tr>
      <td><span class="strong">${key.name}</span><div class="soft small">made ${since(key.created_at)} by ${key.created_by}</div></td><td><code>${key.prefix}</code></td>
      <td>${key.scopes.join(", ")}</td>
      <td><div>models: ${names(key.models)}</div><div>datasets: ${names(key.datasets)}</div></td>
      <td class="number">${key.last_used_at ? html`<time datetime=${key.last_used_at} title=${when(key.last_used_at)}>${since(key.last_used_at)}</time>` : "never"}</td>
      <td class="number">${key.expires_at ? when(key.expires_at) : html`<span class="soft">never</span>`}</td>
      <td class="number"><button class="danger" ?disabled=${this.doing} @click=${() => this.#end(key)}>End<span class="unseen"> the key ${key.name}</span></button></td></tr>`), "There is no key.")}${first(keys, more)}`;
  }

  /** A row shows another change when there is a newer one, and what is open goes with its change. */
  #toggle(id, isOpen) {
    if (isOpen === this.open.has(id)) return;
    if (isOpen) this.open.add(id); else this.open.delete(id);
    this.requestUpdate();
  }

  #filter() {
    return html`<label class="row">Path begins with <input type="search" placeholder="/v1/models/" .value=${query().resource || ""}
      @change=${(event) => keep({ resource: event.target.value })}></label>`;
  }

  #entries({ entries, next_page_token: more }) {
    return html`<div class="more">${this.#table("Changes", ["#When", "Who", "What", "Before and after"], entries.map((entry) => html`<tr>
      <td class="number"><time datetime=${entry.at} title=${when(entry.at)}>${since(entry.at)}</time></td>
      <td>${entry.by.name || "without a key"}</td><td><div class="strong">${entry.operation}</div><code>${entry.resource}</code></td>
      <td>${entry.before === null && entry.after === null ? nothing : html`<details .open=${this.open.has(entry.id)} @toggle=${(event) => this.#toggle(entry.id, event.target.open)}><summary>Show</summary>${this.open.has(entry.id)
        ? html`<pre tabindex="0" aria-label="Before and after">${JSON.stringify({ before: entry.before, after: entry.after }, null, 2)}</pre>` : nothing}</details>`}</td></tr>`), "Nothing was changed.")}
      ${more ? html`<p class="soft small">The newest ${entries.length} are shown.</p>` : nothing}</div>`;
  }
}

/** That a list is longer than what is shown of it. */
function first(list, more) {
  return more ? html`<p class="soft small">The first ${list.length} are shown.</p>` : nothing;
}

/** The names that a key is bound to; null: it is bound to none. */
function names(bound) {
  return bound ? bound.join(", ") || "none" : "all";
}

/** A part of a whole, in bytes. */
function share(part, whole, label) {
  return html`<meter min="0" max=${whole} high=${0.9 * whole} .value=${part} aria-label=${label}></meter> ${bytes(part)} <span class="soft">of ${bytes(whole)}</span>`;
}

customElements.define("operations-page", OperationsPage);
