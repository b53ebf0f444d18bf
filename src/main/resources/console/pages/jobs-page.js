// Every job: its state, how far it is, why it waits, what came of it.
import { path } from "../api.js";
import { css, html, nothing, Part } from "../part.js";
import { Live } from "../live.js";
import { keep, moves, query, to } from "../router.js";
import { duration, number, seconds, short, since, when } from "../words.js";
import "../parts/copy-call.js";
import "../parts/problem-note.js";
import "../parts/state-mark.js";

const STATES = ["queued", "running", "succeeded", "failed", "cancelled"];
const PAGE = 100;

class JobsPage extends Part {
  static sheet = css`
    jobs-page .filters { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; }
    jobs-page .filters label { display: grid; gap: .2rem; }
    jobs-page td.job { min-width: 9rem; }
    jobs-page td.what { min-width: 11rem; max-width: 36rem; }
    jobs-page .tag { display: inline-block; padding: 0 .45rem; border-radius: .4rem; background: var(--tint); color: var(--soft); font-size: .82rem; margin: .1rem .2rem 0 0; }
    jobs-page .figure { margin-right: .9rem; }
    jobs-page progress { max-width: 14rem; margin: .4rem 0 .25rem; }
    @media (max-width: 48rem) {
      jobs-page thead { display: none; }
      jobs-page tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .1rem .8rem; padding: .7rem 0; border-bottom: 1px solid var(--line); }
      jobs-page td { padding: 0; border: 0; }
      jobs-page td.what { grid-column: 1 / -1; max-width: none; }
      jobs-page td.number { text-align: left; color: var(--soft); font-size: .88rem; }
      jobs-page td:last-child { text-align: right; }
      jobs-page .filters label { flex: 1 1 8rem; }
      jobs-page .filters :is(input, select) { width: 100%; }
    }`;

  static properties = { more: { state: true } };

  constructor() {
    super();
    this.jobs = new Live(this, { every: ({ jobs }) => (jobs.some((job) => !job.done) ? 1_000 : 4_000) });
    this.moved = () => this.#watch();
  }

  connectedCallback() {
    super.connectedCallback();
    moves.addEventListener("move", this.moved);
    this.#watch();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    moves.removeEventListener("move", this.moved);
  }

  get #path() {
    const { model, state, tag, order, archived } = query();
    const asked = new URLSearchParams({ page_size: query().shown || PAGE });
    for (const [name, value] of Object.entries({ model, state, tag, order_by: order, archived })) if (value) asked.set(name, value);
    return `/v1/jobs?${asked}`;
  }

  #watch() {
    // A new filter shows what there was until its answer comes.
    const before = this.jobs.data;
    this.jobs.watch(this.#path);
    this.jobs.data ??= before;
    this.requestUpdate();
  }

  #filter(event) {
    keep({ [event.target.name]: event.target.value.trim(), shown: "" });
  }

  render() {
    const view = query();
    const { data, problem } = this.jobs;
    const filtered = view.model || view.state || view.tag || view.archived;
    return html`<div class="page">
      <div class="head"><h1>Jobs</h1><a class="button" href=${to("/editor")}>Write a job</a></div>
      <form class="filters" role="search" aria-label="Jobs" @submit=${(event) => event.preventDefault()}>
        <label>Model <input name="model" type="search" .value=${view.model || ""} placeholder="its whole name" autocomplete="off" spellcheck="false" @change=${this.#filter}></label>
        <label>State <select name="state" @change=${this.#filter}>
          <option value="">all</option>${STATES.map((state) => html`<option .selected=${state === view.state}>${state}</option>`)}</select></label>
        <label>Tag <input name="tag" type="search" .value=${view.tag || ""} placeholder="key:value" autocomplete="off" spellcheck="false" @change=${this.#filter}></label>
        <label>Order <input name="order" type="search" list="orders" .value=${view.order || ""} placeholder="newest first" autocomplete="off" spellcheck="false" @change=${this.#filter}>
          <datalist id="orders">${["created_at", ...this.#metrics().flatMap((name) => [`-${name}`, name])].map((name) => html`<option value=${name}></option>`)}</datalist></label>
        <label>Archived <select name="archived" @change=${this.#filter}>
          <option value="">left out</option><option value="true" .selected=${view.archived === "true"}>only these</option></select></label>
      </form>
      ${problem ? html`<problem-note .problem=${problem} again></problem-note>` : nothing}
      ${!data ? nothing : data.jobs.length ? this.#table(data)
        : html`<div class="card empty">${filtered ? html`<p>No job is like that.</p>
            <button @click=${() => keep({ model: "", state: "", tag: "", archived: "", shown: "" })}>Show all jobs</button>`
          : html`<p>No job was submitted yet.</p><a class="button" href=${to("", { lesson: "xor" })}>See a net learn</a>`}</div>`}
      <copy-call .calls=${[{ title: "These jobs", method: "GET", path: this.#path }]}></copy-call>
    </div>`;
  }

  /** The metrics of the jobs that are shown. */
  #metrics() {
    const names = new Set();
    for (const { metrics } of this.jobs.data?.jobs || []) {
      for (const [name, value] of Object.entries(metrics || {})) {
        if (typeof value === "number" && !["epoch", "seconds", "learning_rate"].includes(name)) names.add(name);
      }
    }
    return [...names];
  }

  #table({ jobs, next_page_token }) {
    return html`<div class="card">
      <table>
        <thead><tr><th scope="col">Model</th><th scope="col">State</th><th scope="col">What came of it</th><th scope="col" class="number">Took</th><th scope="col" class="number">Submitted</th></tr></thead>
        <tbody>${jobs.map((job) => this.#row(job))}</tbody>
      </table></div>
      ${next_page_token ? html`<div class="row"><button @click=${() => keep({ shown: Math.min(500, jobs.length + PAGE) })} ?disabled=${jobs.length >= 500}>
        ${jobs.length >= 500 ? "The first 500 are shown: a filter finds older ones" : "Show more"}</button></div>` : nothing}`;
  }

  #row(job) {
    return html`<tr>
      <td class="job"><a class="strong" href=${to(path`/jobs/${job.id}`)}>${job.model || job.kind}</a> <span class="soft small nowrap">${job.kind === "training" ? "" : job.kind} …${short(job.id)}</span>
        ${job.description ? html`<div class="soft small">${job.description}</div>` : nothing}
        ${Object.entries(job.tags).map(([name, value]) => html`<span class="tag">${name}: ${value}</span>`)}</td>
      <td><state-mark state=${job.state}></state-mark></td>
      <td class="what">${this.#what(job)}</td>
      <td class="number">${job.started_at ? seconds(duration(job)) : nothing}</td>
      <td class="number"><time datetime=${job.created_at} title=${when(job.created_at)}>${since(job.created_at)}</time></td></tr>`;
  }

  #what(job) {
    if (job.state === "queued") {
      return html`${job.queue_position ? html`<span class="strong">Place ${job.queue_position}</span> ` : nothing}${job.waits_for ? html`<span class="soft">waits for ${job.waits_for}</span>` : nothing}`;
    }
    if (job.state === "failed") return html`<span>${job.error?.detail}</span>`;
    const found = keyNumbers(job);
    const numbers = found.map(([name, value]) => html`<span class="figure nowrap"><span class="soft">${name}</span> ${number(value)}</span> `);
    if (job.state !== "running") return numbers;
    return html`${job.progress ? html`<progress aria-label=${`Progress of ${job.model}`} max="1" .value=${job.progress.fraction}></progress>
      <span class="soft small">epoch ${job.progress.epoch} of ${job.progress.epochs}${job.progress.eta_seconds ? `, ${seconds(job.progress.eta_seconds)} left` : ""}</span> ` : nothing}${numbers}`;
  }
}

/** What tells most about a job: tests, then validation, then the rows that it learned from. */
export function keyNumbers({ metrics }) {
  const all = Object.entries(metrics || {}).filter(([name, value]) => typeof value === "number" && !["epoch", "seconds", "learning_rate"].includes(name));
  for (const prefix of ["test_", "val_"]) {
    const found = all.filter(([name]) => name.startsWith(prefix));
    if (found.length) return found.slice(0, 3);
  }
  return all.slice(0, 3);
}

customElements.define("jobs-page", JobsPage);
